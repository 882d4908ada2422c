using System.Net;
using System.Net.Sockets;
using Shop.Benchmarks.Frame;

namespace Shop.Benchmarks.Rivals;

/// <summary>Ports for what runs beside the cluster.</summary>
internal static class Ports
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>One that nobody listens on at the moment.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
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
