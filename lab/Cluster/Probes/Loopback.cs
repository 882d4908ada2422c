using System.Net;
using System.Net.Sockets;

namespace Shop.Lab.Cluster.Probes;

internal static class Loopback
{
    /// <remarks>Bound, and not listening: a process that is being started at this moment has a copy of the socket until it becomes another program, and a
    /// copy that listens would be in the way of whoever the port is for.</remarks>
    /// <exception cref="SocketException">Somebody listens there.</exception>
    public static void CheckIsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
    }

    public static async Task<NetworkStream> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
