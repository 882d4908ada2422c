using System.Net;
using System.Net.Sockets;

namespace Shop.IntegrationTests.Support;

internal static class Ports
{
    private static int _next = 20_000 + (Environment.ProcessId % 1000 * 20);

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
