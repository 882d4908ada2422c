using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Shop.BuildingBlocks.Discovery;

/// <summary>Pauses that double up to a bound, with jitter, so that a hundred processes do not come back in the same millisecond.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest, Random random)
{
    private int _doublings;

    public TimeSpan Next()
    {
        var most = Math.Min(first.Ticks * Math.Pow(2, _doublings), longest.Ticks);
        _doublings++;
        return TimeSpan.FromTicks((long)(most * (0.5 + (random.NextDouble() / 2))));
    }

    public void Reset() => _doublings = 0;

    /// <summary>Another one for each instance, the same one at each start.</summary>
    public static int SeedOf(string instance) => BinaryPrimitives.ReadInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(instance)));
}
