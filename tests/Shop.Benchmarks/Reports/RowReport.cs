using System.Globalization;
using System.Text.Json;
using Shop.Benchmarks.Frame;

namespace Shop.Benchmarks.Reports;

/// <summary>The figures of one row, as they are kept in its file.</summary>
internal sealed record RowReport(string Name, string Question, IReadOnlyList<Figure> Figures)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static readonly IReadOnlyList<string> Columns =
        ["", "unit/s", "rate (min to max)", "limit", "of the limit", "rivals (ours is so many times that)", "p50 / p99 ms", "CPU us", "driver us", "each operation", "others"];

    public static readonly IReadOnlyList<string> MemoryColumns =
        ["process", "MB in memory", "kB more each minute", "of it shared", "MB alive in the managed heap", "kB more alive each minute"];

    public bool Holds => Figures.All(figure => figure.Rate is not null && figure.Violations.Count == 0);

    public async Task WriteAsync(BenchOptions options, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(options.Results(Name, "json"), JsonSerializer.Serialize(Figures, Json), cancellationToken);
        await File.WriteAllTextAsync(options.Results(Name, "html"), HtmlPage.Of(Name, [this]), cancellationToken);
    }

    /// <summary>What was kept the last time; null where the row was never run.</summary>
    public static async Task<RowReport?> ReadAsync(BenchOptions options, IBenchmark row, CancellationToken cancellationToken)
    {
        var file = options.Results(row.Name, "json");
        return File.Exists(file)
            ? new RowReport(row.Name, row.Question, JsonSerializer.Deserialize<IReadOnlyList<Figure>>(await File.ReadAllTextAsync(file, cancellationToken), Json)!)
            : null;
    }

    /// <summary>Cells of the table, one row for each figure.</summary>
    public IEnumerable<IReadOnlyList<string>> Cells() => Figures.Select(figure => (IReadOnlyList<string>)
    [
        figure.Name + (figure.Noisy ? " (noisy)" : "") + (figure.Violations.Count > 0 ? " (VIOLATED)" : ""),
        figure.Unit,
        figure.Rate is null ? "no figure" : $"{Plots.Number(figure.Rate.Value)} ({Plots.Number(figure.Min!.Value)} to {Plots.Number(figure.Max!.Value)})",
        figure.LimitName is null ? "" : $"{figure.LimitName} {Text(figure.Limit)}",
        figure.RatioToLimit?.ToString("F2", CultureInfo.InvariantCulture) ?? "",
        string.Join(", ", figure.Rivals.Select(rival => rival.Value > 0 && figure.Rate is { } rate
            ? string.Create(CultureInfo.InvariantCulture, $"{rival.Key} {Text(rival.Value)} ({rate / rival.Value:F2} x)")
            : $"{rival.Key} no figure")),
        figure.Median is null ? "" : $"{Plots.Number(figure.Median.Value)} / {Plots.Number(figure.Percentile99!.Value)}",
        Text(figure.CpuMicrosecondsPerOperation),
        Text(figure.DriverMicrosecondsPerOperation),
        string.Join(", ", figure.Costs.Select(cost => $"{Plots.Number(cost.Value)} {cost.Key}")),
        string.Join(", ", figure.Others.Select(other => $"{Plots.Number(other.Value.PerSecond)}/s {other.Key}, told in {Plots.Number(other.Value.P99)} ms (p99)")),
    ]);

    /// <summary>Cells of the table of memory, one row for each process; empty where nobody watched.</summary>
    public IReadOnlyList<IReadOnlyList<string>> MemoryCells() => [.. Figures.SelectMany(figure => figure.Memory).Select(entry => (IReadOnlyList<string>)
    [
        entry.Key,
        Plots.Number(entry.Value.InMemory / 1024),
        Plots.Number(entry.Value.Growth),
        Plots.Number(entry.Value.SharedGrowth),
        Text(entry.Value.Alive / 1024),
        Text(entry.Value.AliveGrowth),
    ])];

    private static string Text(double? value) => value is { } number ? Plots.Number(number) : "";
}
