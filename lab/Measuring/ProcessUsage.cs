using System.Globalization;
using Shop.Lab.Cluster.Processes;

namespace Shop.Lab.Measuring;

/// <summary>Processor time and memory of some processes, as <c>/proc</c> tells them.</summary>
/// <param name="Cpu">In user and kernel mode, with that of children that have ended. Counted by the kernel in hundredths of a second.</param>
/// <param name="PrivateBytes">In memory and nobody else's: without files and what several processes share, such as the buffers of PostgreSQL.</param>
internal readonly record struct ProcessUsage(TimeSpan Cpu, long PrivateBytes)
{
    // Counted from the state, which follows the name; ended children that were waited for are in the last two.
    private const int FirstTimeField = 11;
    private const int LastTimeField = 14;

    // Of statm, in pages.
    private const int ResidentField = 1;
    private const int SharedField = 2;

    // What Linux shows to programs, whatever the kernel counts in.
    private const int TicksPerSecond = 100;

    public static ProcessUsage Of(IEnumerable<int> ids) => ids.Select(Read).Aggregate(default(ProcessUsage), (sum, next) => sum + next);

    /// <summary>Of one process; nothing when it is gone.</summary>
    public static ProcessUsage Read(int id)
    {
        try
        {
            return Parse(File.ReadAllText($"/proc/{id}/stat"), File.ReadAllText($"/proc/{id}/statm"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }

    public static ProcessUsage operator +(ProcessUsage left, ProcessUsage right) => new(left.Cpu + right.Cpu, left.PrivateBytes + right.PrivateBytes);

    internal static ProcessUsage Parse(string stat, string statm)
    {
        var fields = ProcessRow.FieldsOf(stat);
        var pages = statm.Split(' ');
        return fields.Length <= LastTimeField || pages.Length <= SharedField
            ? default
            : new ProcessUsage(
                TimeSpan.FromSeconds((double)fields[FirstTimeField..(LastTimeField + 1)].Sum(Number) / TicksPerSecond),
                (Number(pages[ResidentField]) - Number(pages[SharedField])) * Environment.SystemPageSize);
    }

    private static long Number(string field) => long.Parse(field, CultureInfo.InvariantCulture);
}
