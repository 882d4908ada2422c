using System.Globalization;
using Shop.Lab.Cluster.Processes;

namespace Shop.Lab.Measuring;

/// <summary>What some processes use of the machine, as <c>/proc</c> tells it. One that is gone uses nothing.</summary>
internal static class ProcessUsage
{
    // Counted from the state, which follows the name; ended children that were waited for are in the last two.
    private const int FirstTimeField = 11;
    private const int LastTimeField = 14;

    // What Linux shows to programs, whatever the kernel counts in.
    private const int TicksPerSecond = 100;

    /// <summary>In user and kernel mode, with that of children that have ended. Counted by the kernel in hundredths of a second.</summary>
    public static TimeSpan Cpu(IEnumerable<int> ids) => TimeSpan.FromSeconds(ids.Sum(id => ReadText($"/proc/{id}/stat") is { } stat ? ParseTicks(stat) : 0) / (double)TicksPerSecond);

    /// <summary>Bytes in memory. What several processes share, such as PostgreSQL's buffers, is divided among them; what one has mapped twice, such as the
    /// code that .NET has compiled, counts once.</summary>
    /// <remarks>The kernel looks at every page for it: nothing to ask for between two points in time that are measured.</remarks>
    public static long Memory(IEnumerable<int> ids) => ids.Sum(id => ReadText($"/proc/{id}/smaps_rollup") is { } rollup ? ParseMemory(rollup) : 0);

    internal static long ParseTicks(string stat)
    {
        var fields = ProcessRow.FieldsOf(stat);
        return fields.Length <= LastTimeField ? 0 : fields[FirstTimeField..(LastTimeField + 1)].Sum(field => long.Parse(field, CultureInfo.InvariantCulture));
    }

    internal static long ParseMemory(string rollup)
    {
        const string Proportional = "Pss:";
        var line = rollup.Split('\n').FirstOrDefault(text => text.StartsWith(Proportional, StringComparison.Ordinal));
        return line is null ? 0 : 1024 * long.Parse(line[Proportional.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }

    private static string? ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
