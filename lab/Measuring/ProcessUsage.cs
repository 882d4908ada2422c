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

    /// <summary>What is in memory. What several processes share is divided among them; what one has mapped twice counts once.</summary>
    /// <remarks>The kernel looks at every page for it: nothing to ask for between two points in time that are measured.</remarks>
    public static MemoryUse Memory(IEnumerable<int> ids)
    {
        var uses = ids.Select(id => ReadText($"/proc/{id}/smaps_rollup") is { } rollup ? ParseMemory(rollup) : default).ToList();
        return new MemoryUse(uses.Sum(use => use.Bytes), uses.Sum(use => use.Shared));
    }

    internal static long ParseTicks(string stat)
    {
        var fields = ProcessRow.FieldsOf(stat);
        return fields.Length <= LastTimeField ? 0 : fields[FirstTimeField..(LastTimeField + 1)].Sum(field => long.Parse(field, CultureInfo.InvariantCulture));
    }

    internal static MemoryUse ParseMemory(string rollup)
    {
        var lines = rollup.Split('\n');
        return new MemoryUse(BytesOf("Pss:"), BytesOf("Pss_Shmem:"));

        long BytesOf(string field) => lines.FirstOrDefault(text => text.StartsWith(field, StringComparison.Ordinal)) is { } line
            ? 1024 * long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture)
            : 0;
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

/// <param name="Bytes">All that is in memory.</param>
/// <param name="Shared">The part of it in shared memory: PostgreSQL's buffers, or the code that .NET has compiled.</param>
internal readonly record struct MemoryUse(long Bytes, long Shared);
