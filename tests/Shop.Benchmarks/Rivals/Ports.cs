using System.Net;
using System.Net.Sockets;
using Shop.Benchmarks.Frame;

namespace Shop.Benchmarks.Rivals;

/// <summary>Ports for what runs beside the cluster: of those that the suite was given, so that no outgoing connection takes one of them first.</summary>
internal static class Ports
{
    // The cluster has PostgreSQL on the 40th, RabbitMQ on the 50th, and nothing in between.
    private const int Before = 40;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <param name="number">From 1 to 9.</param>
    /// <exception cref="BenchException">Somebody listens there, and would be measured.</exception>
    public static int Of(Workbench bench, int number)
    {
        var port = bench.Options.Port + Before + number;
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return port;
        }
        catch (SocketException exception)
        {
            throw new BenchException($"port {port} is taken: {exception.Message}", exception);
        }
    }

    /// <summary>Returns when somebody listens there.</summary>
    public static async Task WaitAsync(string name, int port, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, patience.Token);
                return;
            }
            catch (SocketException) when (!patience.IsCancellationRequested)
            {
                await Task.Delay(Pause, cancellationToken);
            }
            catch (Exception exception) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw new BenchException($"{name} does not listen after {Patience.TotalSeconds:F0} s", exception);
            }
        }
    }
}
