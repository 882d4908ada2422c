using System.Net;
using System.Text;

namespace Shop.Benchmarks.Reports;

/// <summary>A page with tables and plots that needs nothing but itself.</summary>
internal static class HtmlPage
{
    public static string Of(string title, IReadOnlyList<RowReport> rows)
    {
        var page = new StringBuilder($$"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <title>{{WebUtility.HtmlEncode(title)}}</title>
            <style>
            body { font: 14px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 1200px; color: #24292f; background: #fff }
            table { border-collapse: collapse; margin: 1em 0 } td, th { border: 1px solid #d8dee4; padding: 4px 8px; text-align: left; vertical-align: top }
            .bad { color: #cf222e } .quiet { color: #57606a } svg { max-width: 100%; height: auto; display: block; margin: 1em 0 }
            </style>
            </head>
            <body>

            """);
        foreach (var row in rows)
        {
            Append(page, row);
        }

        return page.Append("</body>\n</html>\n").ToString();
    }

    private static void Append(StringBuilder page, RowReport row)
    {
        page.AppendLine($"<h1>{WebUtility.HtmlEncode(row.Name)}</h1>").AppendLine($"<p>{WebUtility.HtmlEncode(row.Question)}</p>");
        AppendTable(page, RowReport.Columns, row.Cells());
        foreach (var violation in row.Figures.SelectMany(figure => figure.Violations))
        {
            page.AppendLine($"<p class=\"bad\">{WebUtility.HtmlEncode(violation)}</p>");
        }

        if (row.MemoryCells() is { Count: > 0 } memory)
        {
            AppendTable(page, RowReport.MemoryColumns, memory);
        }

        foreach (var (_, svg) in Plots.Of(row.Figures))
        {
            page.AppendLine(svg);
        }

        if (row.Figures.FirstOrDefault()?.Measured is { } occasion)
        {
            page.AppendLine(FormattableString.Invariant(
                $"<p class=\"quiet\">{WebUtility.HtmlEncode(occasion.Command)}: medians of {occasion.Rounds} rounds of {occasion.SecondsPerRound} s, in turn; {WebUtility.HtmlEncode(occasion.Machine)}; {occasion.At:yyyy-MM-dd HH:mm} UTC. Dots are rounds, red ones noisy.</p>"));
        }
    }

    private static void AppendTable(StringBuilder page, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        page.AppendLine($"<table><tr>{string.Concat(columns.Select(column => $"<th>{WebUtility.HtmlEncode(column)}</th>"))}</tr>");
        foreach (var cells in rows)
        {
            page.AppendLine($"<tr>{string.Concat(cells.Select(cell => $"<td>{WebUtility.HtmlEncode(cell)}</td>"))}</tr>");
        }

        page.AppendLine("</table>");
    }
}
