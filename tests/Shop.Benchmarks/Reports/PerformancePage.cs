using System.Text;
using Shop.Benchmarks.Frame;

namespace Shop.Benchmarks.Reports;

/// <summary>Writes <c>docs/performance.md</c> and its plots from what the rows have kept.</summary>
internal static class PerformancePage
{
    private const string Plotted = "performance";

    // Written by hand.
    private const string Notes = "performance-notes.md";

    public static async Task WriteAsync(FileInfo page, IReadOnlyList<RowReport> rows, CancellationToken cancellationToken)
    {
        var pictures = Directory.CreateDirectory(Path.Combine(page.DirectoryName!, Plotted));
        foreach (var old in pictures.EnumerateFiles("*.svg"))
        {
            old.Delete();
        }

        var text = new StringBuilder("""
            # Performance

            Written by `dotnet run -c Release --project tests/Shop.Benchmarks -- page`, from the last run of each row. Read the ratios: limit, rivals and shop
            were measured in turn, in the same rounds, on the same machine; the rates belong to that machine.

            - A figure is the median of the rounds, with the least and the most. Only verified work counts: after each round what was called done was looked
              for in the books, where orders are placed with the invariants of the whole shop ([how](benchmarks.md)), and a round with a violation has no figure.
            - Latencies at a given rate come from an open loop: they count from the time at which a request was due, so that waiting to be sent is part
              of them. Those without a rate come from a closed loop at capacity.
            - CPU is what the servers and services used for each operation; what the driver used, which makes the load on the same cores, stands apart.
              Where a row runs the shop's building blocks in its own process (ids, relay, consumer, redlock), they are in the driver's time.
            - Durable settings everywhere: PostgreSQL with `fsync` and `synchronous_commit`, publisher confirms, all guards on. The limit runs on the same
              PostgreSQL server.
            - `noisy`: less than 85 % of the machine was idle before a round, or others used more than 10 % of it meanwhile.


            """);
        AppendGoals(text, rows);
        if (File.Exists(Path.Combine(page.DirectoryName!, Notes)))
        {
            text.AppendLine($"What stands behind the figures that are not reached, and which change moved which figure most: [notes]({Notes}).").AppendLine();
        }

        foreach (var row in rows)
        {
            await AppendAsync(text, row, pictures, cancellationToken);
        }

        await File.WriteAllTextAsync(page.FullName, text.ToString().TrimEnd() + "\n", cancellationToken);
    }

    private static void AppendGoals(StringBuilder text, IReadOnlyList<RowReport> rows)
    {
        var goals = rows.SelectMany(row => Goal.All.Where(goal => goal.Row == row.Name).Select(goal => (Goal: goal, Measured: goal.Of(row.Figures)))).ToList();
        if (goals.Count == 0)
        {
            return;
        }

        text.AppendLine("| row | what | is to be | is | |").AppendLine("| --- | --- | --- | --- | --- |");
        foreach (var (goal, measured) in goals)
        {
            text.AppendLine(
                $"| {goal.Row} | {goal.What} | {(goal.Most ? "at most" : "at least")} {Plots.Number(goal.Wanted)} | {(measured is { } value ? Plots.Number(value) : "not measured")} "
                + $"| {(measured is { } reached ? goal.IsReached(reached) ? "reached" : "**not reached**" : "")} |");
        }

        text.AppendLine();
    }

    private static async Task AppendAsync(StringBuilder text, RowReport row, DirectoryInfo pictures, CancellationToken cancellationToken)
    {
        text.AppendLine($"## {row.Name}").AppendLine().AppendLine(row.Question).AppendLine();
        AppendTable(text, RowReport.Columns, row.Cells());
        if (row.MemoryCells() is { Count: > 0 } memory)
        {
            AppendTable(text, RowReport.MemoryColumns, memory);
        }

        foreach (var (name, svg) in Plots.Of(row.Figures))
        {
            var file = $"{row.Name}-{name.Replace(' ', '-')}.svg";
            await File.WriteAllTextAsync(Path.Combine(pictures.FullName, file), svg + "\n", cancellationToken);
            text.AppendLine($"![{row.Name}, {name}]({Plotted}/{file})").AppendLine();
        }

        var occasion = row.Figures[0].Measured;
        text.AppendLine(FormattableString.Invariant(
            $"`{occasion.Command}`, {occasion.Rounds} rounds of {occasion.SecondsPerRound} s, {occasion.Machine}, {occasion.At:yyyy-MM-dd HH:mm} UTC.")).AppendLine();
    }

    private static void AppendTable(StringBuilder text, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        text.AppendLine($"| {string.Join(" | ", columns)} |").AppendLine($"|{string.Concat(Enumerable.Repeat(" --- |", columns.Count))}");
        foreach (var cells in rows)
        {
            text.AppendLine($"| {string.Join(" | ", cells)} |");
        }

        text.AppendLine();
    }
}
