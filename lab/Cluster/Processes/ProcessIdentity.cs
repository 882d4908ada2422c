using System.Globalization;

namespace Shop.Lab.Cluster.Processes;

/// <summary>One process, told apart from a later one that was given the same number.</summary>
/// <param name="Id">The process id. It is also the session of everything that the process starts.</param>
/// <param name="StartTicks">When it started, in clock ticks since the boot; a recycled id has another one.</param>
/// <param name="BootId">Which boot these ticks count from.</param>
internal readonly record struct ProcessIdentity(int Id, long StartTicks, string BootId)
{
    private const string BootIdFile = "/proc/sys/kernel/random/boot_id";

    public static string CurrentBoot { get; } = OperatingSystem.IsLinux() ? File.ReadAllText(BootIdFile).Trim() : "";

    /// <summary>What the launcher wrote, or nothing when that is not three words of the right kind.</summary>
    public static ProcessIdentity? Parse(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [var id, var start, var boot]
        && int.TryParse(id, CultureInfo.InvariantCulture, out var pid) && pid > 1
        && long.TryParse(start, CultureInfo.InvariantCulture, out var ticks)
            ? new ProcessIdentity(pid, ticks, boot)
            : null;

    public static ProcessIdentity? Read(string pidFile)
    {
        try
        {
            return Parse(File.ReadAllText(pidFile));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The process that was started then, and not another one that has its number today.</summary>
    public ProcessRow? Find() =>
        BootId == CurrentBoot && ProcessRow.Read(Id) is { IsZombie: false } row && row.StartTicks == StartTicks ? row : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Id} {StartTicks} {BootId}");
}
