using System.Globalization;
using Shop.Lab.Cluster.Processes;

namespace Shop.Lab.Measuring;

/// <summary>Processor time and memory of some processes, as <c>/proc</c> tells them.</summary>
/// <param name="Cpu">In user and kernel mode, with that of children that have ended. Counted by the kernel in hundredths of a second.</param>
/// <param name="ResidentBytes">Memory that several of them share counts once for each.</param>
internal readonly record struct ProcessUsage(TimeSpan Cpu, long ResidentBytes)
{
    // Counted from the state, which follows the name; ended children that were waited for are in the last two.
    private const int FirstTimeField = 11;
    private const int LastTimeField = 14;
    private const int ResidentField = 21;

    // What Linux shows to programs, whatever the kernel counts in.
    private const int TicksPerSecond = 100;

    public static ProcessUsage Of(IEnumerable<int> ids) => ids.Select(Read).Aggregate(default(ProcessUsage), (sum, next) => sum + next);

    /// <summary>Of one process; nothing when it is gone.</summary>
    public static ProcessUsage Read(int id)
    {
        try
        {
            return Parse(File.ReadAllText($"/proc/{id}/stat"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }

    public static ProcessUsage operator +(ProcessUsage left, ProcessUsage right) => new(left.Cpu + right.Cpu, left.ResidentBytes + right.ResidentBytes);

    internal static ProcessUsage Parse(string stat)
    {
        var fields = ProcessRow.FieldsOf(stat);
        return fields.Length <= ResidentField
            ? default
            : new ProcessUsage(
                TimeSpan.FromSeconds((double)fields[FirstTimeField..(LastTimeField + 1)].Sum(Number) / TicksPerSecond),
                Number(fields[ResidentField]) * Environment.SystemPageSize);
    }

    private static long Number(string field) => long.Parse(field, CultureInfo.InvariantCulture);
}
