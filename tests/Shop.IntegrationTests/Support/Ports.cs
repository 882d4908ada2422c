using System.Net;
using System.Net.Sockets;

namespace Shop.IntegrationTests.Support;

internal static class Ports
{
    // Below 32768, where the ports of outgoing connections begin: one of those could take a port between the look and the bind.
    private static int _next = 20_000 + (Environment.ProcessId % 600 * 20);

    /// <summary>The first of so many consecutive ports that nobody listens on, and that no other test of this run gets.</summary>
    public static int Free(int count)
    {
        while (true)
        {
            var first = Interlocked.Add(ref _next, count) - count;
            if (Enumerable.Range(first, count).All(IsFree))
            {
                return first;
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
