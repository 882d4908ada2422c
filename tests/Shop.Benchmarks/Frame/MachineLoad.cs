using System.Globalization;
using System.Runtime.InteropServices;

namespace Shop.Benchmarks.Frame;

/// <summary>How busy the machine has been since it started, by <c>/proc/stat</c>, all cores together.</summary>
internal readonly record struct MachineLoad(TimeSpan Busy, TimeSpan Idle)
{
    /// <summary>Less idle than this before a round, and the round is called noisy.</summary>
    public const double QuietIdle = 0.85;

    /// <summary>More of the machine than this used by others during a round, and it is noisy as well.</summary>
    public const double QuietForeign = 0.10;

    private const int TicksPerSecond = 100;
    private const int IdleField = 3;
    private const int WaitField = 4;
    private const int Fields = 8; // what follows is guests' time, which is counted as user time already

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(300);

    /// <summary>The processor, the cores, the memory and the versions that a figure depends on.</summary>
    public static string Description
    {
        get
        {
            var model = First("/proc/cpuinfo", "model name");
            var kilobytes = long.Parse(First("/proc/meminfo", "MemTotal").Split(' ')[0], CultureInfo.InvariantCulture);
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{Environment.ProcessorCount} cores of {model}, {kilobytes / 1024.0 / 1024.0:F0} GB, Linux {Environment.OSVersion.Version.ToString(2)}, {RuntimeInformation.FrameworkDescription}");
        }
    }

    public static MachineLoad Now()
    {
        var ticks = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..(Fields + 1)]
            .Select(field => long.Parse(field, CultureInfo.InvariantCulture)).ToList();
        var idle = ticks[IdleField] + ticks[WaitField];
        return new MachineLoad(Time(ticks.Sum() - idle), Time(idle));
    }

    /// <summary>The part of the machine that is idle at the moment. What the last round left to do is waited for, a little.</summary>
    public static async Task<double> IdleAsync(CancellationToken cancellationToken)
    {
        const int Looks = 5;
        var idle = 0.0;
        for (var look = 0; look < Looks && idle < QuietIdle; look++)
        {
            var before = Now();
            await Task.Delay(Look, cancellationToken);
            idle = Math.Max(idle, (Now() - before).IdlePart);
        }

        return idle;
    }

    public double IdlePart => Idle / (Busy + Idle);

    /// <summary>The part of the machine that was used by others than those who used <paramref name="own"/>.</summary>
    public double ForeignPart(TimeSpan own) => Busy > own ? (Busy - own) / (Busy + Idle) : 0;

    public static MachineLoad operator -(MachineLoad left, MachineLoad right) => new(left.Busy - right.Busy, left.Idle - right.Idle);

    private static string First(string file, string name) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown";

    private static TimeSpan Time(long ticks) => TimeSpan.FromSeconds((double)ticks / TicksPerSecond);
}
