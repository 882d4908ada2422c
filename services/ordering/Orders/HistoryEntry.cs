using System.Globalization;

namespace Shop.Ordering.Orders;

/// <summary>One step in the life of an order, as <c>GET /orders/{id}/history</c> tells it.</summary>
internal sealed record HistoryEntry(DateTimeOffset At, string Service, string Step, string Outcome, string? Detail)
{
    private const char FieldSeparator = '|';
    private const char EntrySeparator = '\n';

    // One text column of lines rather than a row per entry: it is written with the order's own row, which changes at each step anyway.
    public static string Append(string history, HistoryEntry entry) => string.Create(
        CultureInfo.InvariantCulture,
        $"{history}{entry.At.ToUnixTimeMilliseconds()}|{Clean(entry.Service)?.Replace(FieldSeparator, ' ')}|{entry.Step}|{entry.Outcome}|{Clean(entry.Detail)}\n");

    /// <summary>Replaces the newest entry, so that a step repeated for hours stays one line.</summary>
    public static string ReplaceLast(string history, HistoryEntry entry) =>
        Append(history[..(history.TrimEnd(EntrySeparator).LastIndexOf(EntrySeparator) + 1)], entry);

    public static IReadOnlyList<HistoryEntry> Parse(string history) =>
    [
        .. history.Split(EntrySeparator, StringSplitOptions.RemoveEmptyEntries).Select(line =>
        {
            var fields = line.Split(FieldSeparator, 5);
            var at = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(fields[0], CultureInfo.InvariantCulture));
            return new HistoryEntry(at, fields[1], fields[2], fields[3], fields[4] is "" ? null : fields[4]);
        }),
    ];

    private static string? Clean(string? detail) => detail?.Replace(EntrySeparator, ' ');
}
