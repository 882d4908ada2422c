using System.Globalization;

namespace Shop.Lab.Cluster.Processes;

/// <summary>What <c>/proc/PID/stat</c> tells about one process.</summary>
internal readonly record struct ProcessRow(int Id, char State, int Parent, int Session, long StartTicks, int Threads = 1)
{
    // Counted from the state, which follows the name.
    private const int ParentField = 1;
    private const int SessionField = 3;
    private const int ThreadsField = 17;
    private const int StartField = 19;

    /// <summary>Ended and not yet buried by its parent: it runs no more. The first thread may end before the others, which hold the ports.</summary>
    public bool IsZombie => State is 'Z' or 'X' && Threads <= 1;

    public bool IsStopped => State is 'T' or 't';

    /// <summary>Of one process; nothing when there is none.</summary>
    public static ProcessRow? Read(int id)
    {
        try
        {
            return Parse(File.ReadAllText($"/proc/{id}/stat"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null; // it ended, perhaps while it was being read
        }
    }

    /// <summary>The name is in brackets and may itself hold brackets and spaces: the last one closes it.</summary>
    public static ProcessRow? Parse(string stat)
    {
        var fields = FieldsOf(stat);
        return fields.Length <= StartField
            ? null
            : new ProcessRow(
                int.Parse(stat.AsSpan(0, stat.IndexOf('(', StringComparison.Ordinal)), CultureInfo.InvariantCulture),
                fields[0][0],
                int.Parse(fields[ParentField], CultureInfo.InvariantCulture),
                int.Parse(fields[SessionField], CultureInfo.InvariantCulture),
                long.Parse(fields[StartField], CultureInfo.InvariantCulture),
                int.Parse(fields[ThreadsField], CultureInfo.InvariantCulture));
    }

    /// <summary>What follows the name, from the state on; nothing where there is no name.</summary>
    public static string[] FieldsOf(string stat)
    {
        var open = stat.IndexOf('(', StringComparison.Ordinal);
        var close = stat.LastIndexOf(')');
        return open < 1 || close < open ? [] : stat[(close + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }
}
