using System.Globalization;
using System.Net.Sockets;
using Shop.Lab.Cluster.Probes;

namespace Shop.IntegrationTests.Support;

/// <summary>Ports for what a test starts: none of them can be taken by an outgoing connection, neither between the look and the bind nor while a
/// process is away.</summary>
internal static class Ports
{
    private const string OutgoingRange = "/proc/sys/net/ipv4/ip_local_port_range";
    private const int First = 10_000;
    private const int Last = 65_535;
    private const int Enough = 4_000;

    // Runs beside each other begin at different places.
    private static readonly PortRange Range = PortRange.Beside(Outgoing(), Environment.ProcessId);

    /// <summary>The first of so many consecutive ports that nobody listens on.</summary>
    public static int Free(int count) => Range.Take(count, IsFree);

    private static (int First, int Last) Outgoing()
    {
        if (!File.Exists(OutgoingRange))
        {
            return (32_768, 60_999); // what Linux has unless told otherwise
        }

        var ends = File.ReadAllText(OutgoingRange).Split('\t', ' ').Select(end => int.Parse(end, CultureInfo.InvariantCulture)).ToList();
        return (ends[0], ends[1]);
    }

    private static bool IsFree(int port)
    {
        try
        {
            Loopback.CheckIsFree(port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Consecutive ports are taken in turn, and from the beginning again after the last one.</summary>
    internal sealed class PortRange(int first, int last, int start)
    {
        private readonly Lock _lock = new();
        private int _next = first + (start % (last - first + 1));

        /// <summary>The larger of what lies below the ports of outgoing connections and what lies above them; all of them where neither is enough.</summary>
        public static PortRange Beside((int First, int Last) outgoing, int seed)
        {
            var (first, last) = outgoing.First - First >= Last - outgoing.Last ? (First, outgoing.First - 1) : (outgoing.Last + 1, Last);
            (first, last) = last - first < Enough ? (First, Last) : (first, last);
            return new PortRange(first, last, (int)((uint)seed * 2_654_435_761 % (uint)(last - first + 1)));
        }

        public int Take(int count, Func<int, bool> isFree)
        {
            lock (_lock)
            {
                for (var tried = 0; tried <= last - first; tried++)
                {
                    if (_next + count - 1 > last)
                    {
                        _next = first;
                    }

                    var candidate = _next;
                    var taken = Enumerable.Range(candidate, count).FirstOrDefault(port => !isFree(port), -1);
                    _next = taken < 0 ? candidate + count : taken + 1;
                    if (taken < 0)
                    {
                        return candidate;
                    }
                }

                throw new InvalidOperationException($"no {count} free ports in a row from {first} to {last}");
            }
        }
    }
}
