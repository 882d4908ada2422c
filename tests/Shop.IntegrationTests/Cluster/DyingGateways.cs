using System.Net;
using System.Net.Sockets;

namespace Shop.IntegrationTests.Cluster;

/// <summary>Listens in the gateways' places: resets the connection of the first request that any of them gets, and answers all others.</summary>
internal sealed class DyingGateways : IDisposable
{
    private readonly List<TcpListener> _listeners;
    private int _requests;

    public DyingGateways(IEnumerable<int> ports)
    {
        _listeners = [.. ports.Select(port => new TcpListener(IPAddress.Loopback, port))];
        foreach (var listener in _listeners)
        {
            listener.Start();
            _ = ServeAsync(listener);
        }
    }

    public int Requests => Volatile.Read(ref _requests);

    public void Dispose() => _listeners.ForEach(listener => listener.Dispose());

    private async Task ServeAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                using var connection = await listener.AcceptSocketAsync();
                await connection.ReceiveAsync(new byte[4096]);
                if (Interlocked.Increment(ref _requests) == 1)
                {
                    connection.LingerState = new LingerOption(enable: true, seconds: 0); // closing resets
                    continue;
                }

                await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It is over.
        }
    }
}
