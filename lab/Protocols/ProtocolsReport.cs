using System.Globalization;
using System.Text;
using Shop.Lab.Measuring;

namespace Shop.Lab.Protocols;

/// <summary>The figures as tables: rates as ratios to the saga of the same run, times and costs as they were measured.</summary>
internal sealed record ProtocolsReport(ProtocolsOptions Options, IReadOnlyList<Cell> Cells, IReadOnlyList<CutResult> Cuts)
{
    private const string Begin = "<!-- figures: written by the command above -->";
    private const string End = "<!-- end of figures -->";
    private const string Baseline = "saga";

    public string Markdown()
    {
        var text = new StringBuilder();
        text.AppendLine("| buyers | articles | " + Columns(p => $"{p} orders/s, p50 / p99 ms") + " |");
        text.AppendLine("| --- | --- | " + Columns(_ => "---") + " |");
        foreach (var group in Cells.GroupBy(c => (c.Buyers, c.OneArticle)))
        {
            var baseline = group.Single(c => c.Protocol == Baseline).PerSecond;
            text.AppendLine($"| {group.Key.Buyers} | {(group.Key.OneArticle ? "one" : "many")} | " + Columns(p => Text(group.Single(c => c.Protocol == p), baseline)) + " |");
        }

        text.AppendLine().AppendLine("| for each order (10 buyers, many articles) | " + Columns(p => p) + " |");
        text.AppendLine("| --- | " + Columns(_ => "---") + " |");
        Row("SQL statements", cost => cost.Statements);
        Row("commits", cost => cost.Commits);
        Row("messages", cost => cost.Messages);
        Row("envelopes", cost => cost.Envelopes);
        Row("commands by call", cost => cost.Commands);
        Row("calls (round trips)", cost => cost.Calls);

        text.AppendLine().AppendLine(FormattableString.Invariant($"| payments cut off for {Options.Cut.TotalSeconds:F0} s | ") + Columns(p => p) + " |");
        text.AppendLine("| --- | " + Columns(_ => "---") + " |");
        text.AppendLine("| orders taken in | " + Columns(p => $"{Cut(p).TakenIn} of {Cut(p).Asked}") + " |");
        text.AppendLine("| others could change the article's stock within 1 s | " + Columns(p => $"{Cut(p).WentThrough} of {Cut(p).Locked}") + " |");
        text.AppendLine("| seconds in doubt after the cut | " + Columns(p => Cut(p).InDoubt.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture)) + " |");
        return text.ToString();

        void Row(string name, Func<ClusterCounters, double> cost) => text.AppendLine($"| {name} | " + Columns(p =>
        {
            var cell = Cells.Single(c => c.Protocol == p && c is { Buyers: 10, OneArticle: false });
            return (cost(cell.Cost) / Math.Max(cell.Orders.Count, 1)).ToString("F1", CultureInfo.InvariantCulture);
        }) + " |");
    }

    /// <summary>Writes the tables between the two marks of a page.</summary>
    /// <exception cref="IOException">The page has no such marks.</exception>
    public async Task WriteAsync(FileInfo page, CancellationToken cancellationToken)
    {
        var text = await File.ReadAllTextAsync(page.FullName, cancellationToken);
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        if (begin < 0 || end < begin)
        {
            throw new IOException($"'{page}' has no place for the figures: it needs the lines '{Begin}' and '{End}'");
        }

        await File.WriteAllTextAsync(page.FullName, $"{text[..(begin + Begin.Length)]}\n{Markdown()}{text[end..]}", cancellationToken);
    }

    private CutResult Cut(string protocol) => Cuts.Single(c => c.Protocol == protocol);

    private static string Columns(Func<string, string> column) => string.Join(" | ", ProtocolsOptions.Protocols.Select(column));

    private static string Text(Cell cell, double baseline) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(cell.Protocol == Baseline ? $"{cell.PerSecond:F0}" : $"{cell.PerSecond / baseline:F2} x")}, {cell.Milliseconds(0.5):F0} / {cell.Milliseconds(0.99):F0}{Refused(cell)}");

    private static string Refused(Cell cell)
    {
        var others = cell.Orders.Count - cell.Confirmed;
        return others == 0 ? "" : $" ({others} of {cell.Orders.Count} not confirmed)";
    }
}
