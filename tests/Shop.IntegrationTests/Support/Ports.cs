using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Shop.IntegrationTests.Support;

internal static class Ports
{
    private const string OutgoingRange = "/proc/sys/net/ipv4/ip_local_port_range";
    private const int UsualFirstOutgoing = 32_768;
    private const int Span = 12_768;

    // Below the ports of outgoing connections: one of those could take a port between the look and the bind, or while a process is away.
    private static int _next = Math.Max(1_024, FirstOutgoing() - Span) + (Environment.ProcessId % 600 * 20);

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

    private static int FirstOutgoing() =>
        File.Exists(OutgoingRange) ? int.Parse(File.ReadAllText(OutgoingRange).Split('\t', ' ')[0], CultureInfo.InvariantCulture) : UsualFirstOutgoing;

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
