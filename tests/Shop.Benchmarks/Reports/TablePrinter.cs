using Shop.Benchmarks.Frame;
using Spectre.Console;

namespace Shop.Benchmarks.Reports;

/// <summary>The table of a row, for whoever waits for it.</summary>
internal static class TablePrinter
{
    public static void Print(RowReport row)
    {
        AnsiConsole.Write(TableOf(RowReport.Columns, row.Cells()).Title(Markup.Escape(row.Name)));
        foreach (var figure in row.Figures.Where(figure => figure.Cpu.Count > 1))
        {
            var parts = figure.Cpu.OrderByDescending(cost => cost.Value).Where(cost => cost.Value >= 0.5).Select(cost => $"{cost.Key} {Plots.Number(cost.Value)}");
            AnsiConsole.MarkupLineInterpolated($"[grey]CPU us for each, {figure.Name}: {string.Join(", ", parts)}[/]");
        }

        if (row.MemoryCells() is { Count: > 0 } memory)
        {
            AnsiConsole.Write(TableOf(RowReport.MemoryColumns, memory));
        }

        foreach (var violation in row.Figures.SelectMany(figure => figure.Violations))
        {
            AnsiConsole.MarkupLineInterpolated($"[red]{violation}[/]");
        }

        if (row.Figures.Any(figure => figure.Noisy))
        {
            AnsiConsole.MarkupLineInterpolated(
                $"[yellow]This machine was noisy: less than {MachineLoad.QuietIdle:P0} idle before a round, or more than {MachineLoad.QuietForeign:P0} used by others. Read the ratios.[/]");
        }
    }

    private static Table TableOf(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table();
        foreach (var column in columns)
        {
            table.AddColumn(Markup.Escape(column));
        }

        foreach (var cells in rows)
        {
            table.AddRow([.. cells.Select(Markup.Escape)]);
        }

        return table;
    }
}
