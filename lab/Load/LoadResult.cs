using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Shop.Lab.Load;

/// <summary>What a load measured. It holds only if no acknowledged order is missing and the invariants, where asked for, hold.</summary>
internal sealed record LoadResult(
    IReadOnlyList<Shopper> Shoppers, TimeSpan Ordering, TimeSpan Drained, IReadOnlyList<string> Missing, JsonObject? Invariants)
{
    public bool Holds => Missing.Count == 0 && Invariants?["holds"]?.GetValue<bool>() is not false;

    public void Print()
    {
        var accepted = Shoppers.Sum(s => s.Acknowledged.Count);
        var outcomes = Sum(s => s.Outcomes);
        var latencies = Shoppers.SelectMany(s => s.Milliseconds).Order().ToList();

        var table = new Table().AddColumn("").AddColumn(new TableColumn("orders").RightAligned()).AddColumn(new TableColumn("per second").RightAligned());
        table.AddRow("accepted", Count(accepted), Rate(accepted, Ordering));
        foreach (var (status, count) in outcomes.OrderBy(o => o.Key, StringComparer.Ordinal))
        {
            table.AddRow(Markup.Escape($"{status}, until the last order was final"), Count(count), Rate(count, Drained));
        }

        foreach (var (code, count) in Sum(s => s.Refusals))
        {
            table.AddRow(Markup.Escape($"refused: {code}"), Count(count), Rate(count, Ordering));
        }

        AnsiConsole.Write(table);
        AnsiConsole.WriteLine(FormattableString.Invariant(
            $"acknowledgement p50 {At(latencies, 0.50):F1} ms, p99 {At(latencies, 0.99):F1} ms; drained {(Drained - Ordering).TotalSeconds:F2} s after the last request"));
        AnsiConsole.WriteLine(Missing.Count == 0 ? "no acknowledged order is missing" : $"MISSING: {string.Join(", ", Missing.Take(10))}");
        if (Invariants is not null)
        {
            AnsiConsole.WriteLine(Invariants["holds"]!.GetValue<bool>() ? "the invariants hold" : $"VIOLATED: {Invariants.ToJsonString()}");
        }
    }

    private Dictionary<string, int> Sum(Func<Shopper, Dictionary<string, int>> counts) =>
        Shoppers.SelectMany(counts).GroupBy(c => c.Key).ToDictionary(g => g.Key, g => g.Sum(c => c.Value));

    private static double At(List<double> sorted, double quantile) => sorted.Count == 0 ? 0 : sorted[(int)(quantile * (sorted.Count - 1))];

    private static string Count(int count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Rate(int count, TimeSpan time) => (count / time.TotalSeconds).ToString("N0", CultureInfo.InvariantCulture);
}
