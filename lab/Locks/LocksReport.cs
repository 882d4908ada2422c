using System.Globalization;
using Spectre.Console;

namespace Shop.Lab.Locks;

/// <summary>The costs as a table: times as they were measured, and the median of a round as a ratio to that of the first.</summary>
internal static class LocksReport
{
    public static Table Of(IReadOnlyList<LockCost> costs)
    {
        var table = new Table().Border(TableBorder.Markdown)
            .AddColumns("lock", "acquire p50 ms", "acquire p99 ms", "release p50 ms", "round trips", "ratio");
        var unit = costs[0].Both(0.5);
        foreach (var cost in costs)
        {
            table.AddRow(
                cost.Name, Text(cost.Acquire(0.5)), Text(cost.Acquire(0.99)), Text(cost.Release(0.5)), cost.RoundTrips,
                (cost.Both(0.5) / unit).ToString("F2", CultureInfo.InvariantCulture));
        }

        return table;
    }

    private static string Text(TimeSpan time) => time.TotalMilliseconds.ToString("F2", CultureInfo.InvariantCulture);
}
