using System.Globalization;
using Shop.Benchmarks.Frame;

namespace Shop.Benchmarks.Reports;

/// <summary>The pictures of one row: rates, cost, latency, and growth where something grows.</summary>
internal static class Plots
{
    private const int Width = 860;
    private const int Left = 260;
    private const int Right = 120;
    private const int BarHeight = 16;
    private const int BarStep = 22;
    private const int Title = 28;

    public static IEnumerable<(string Name, string Svg)> Of(IReadOnlyList<Figure> figures)
    {
        var compared = figures.Where(figure => figure.Point is null).ToList();
        if (compared.Count > 0)
        {
            yield return ("rates", Rates(compared));
        }

        foreach (var (axis, points) in figures.Where(figure => figure.Point is not null).GroupBy(figure => figure.Point!.Axis).Select(group => (group.Key, group.ToList())))
        {
            yield return ($"by {axis}", Growth(axis, points, "each second", figure => figure.Rate));
            if (points.Any(point => point.Percentile99 is not null))
            {
                yield return ($"p99 by {axis}", Growth(axis, points, "ms", figure => figure.Percentile99));
            }
        }

        if (figures.Where(figure => figure.Cpu.Count > 1).ToList() is { Count: > 0 } costed)
        {
            yield return ("cpu", Cpu(costed));
        }

        if (figures.Where(figure => figure.Latency.Count > 0).ToList() is { Count: > 0 } timed)
        {
            yield return ("latency", Latency(timed));
        }
    }

    // One block for each figure, on its own scale: what competes stands side by side, what does not is not compared.
    private static string Rates(IReadOnlyList<Figure> figures)
    {
        var svg = new Svg(Width, figures.Sum(figure => Title + (BarStep * (1 + (figure.Limit is null ? 0 : 1) + figure.Rivals.Count)) + 10));
        var y = 0.0;
        foreach (var figure in figures)
        {
            svg.Text(10, y + 18, $"{figure.Name}, {figure.Unit}/s", bold: true);
            y += Title;
            List<(string Name, double? Rate)> bars = [(OursOf(figure), figure.Rate)];
            if (figure.LimitName is { } limit)
            {
                bars.Add((limit, figure.Limit));
            }

            bars.AddRange(figure.Rivals.Select(rival => (rival.Key, rival.Value)));
            var most = figure.Rounds.Max(round => round.Rate ?? 0);
            foreach (var (index, (name, rate)) in bars.Index())
            {
                Bar(svg, y, index == 0 ? 0 : name == figure.LimitName ? 1 : 2, name, rate, most, [.. figure.Rounds.Where(round => round.Contender == name)]);
                y += BarStep;
            }

            y += 10;
        }

        return svg.ToString();
    }

    private static void Bar(Svg svg, double y, int color, string name, double? rate, double most, IReadOnlyList<RoundResult> rounds)
    {
        svg.Text(Left - 8, y + 12, Short(name), "end");
        if (rate is not { } value)
        {
            svg.Text(Left, y + 12, "no figure");
            return;
        }

        var scale = (Width - Left - Right) / most;
        svg.Box(Left, y, value * scale, BarHeight, Svg.Colors[color]);
        foreach (var round in rounds.Where(round => round.Rate is not null))
        {
            svg.Dot(Left + (round.Rate!.Value * scale), y + (BarHeight / 2.0), 2.5, round.Noisy ? "#cf222e" : "#24292f");
        }

        svg.Text(Left + (rounds.Max(round => round.Rate ?? 0) * scale) + 8, y + 12, Number(value));
    }

    private static string Cpu(IReadOnlyList<Figure> figures)
    {
        var kinds = figures.SelectMany(figure => figure.Cpu.Keys).Distinct().Where(kind => kind != Workbench.Driver).ToList();
        var most = figures.Max(figure => figure.Cpu.Where(cost => cost.Key != Workbench.Driver).Sum(cost => cost.Value));
        var legend = BarStep * ((kinds.Count + 4) / 5);
        var svg = new Svg(Width, Title + (BarStep * figures.Count) + legend + 12);
        svg.Text(10, 18, "CPU microseconds for each operation, by process, without the driver", bold: true);
        foreach (var (row, figure) in figures.Index())
        {
            var (x, y) = ((double)Left, Title + (row * BarStep));
            svg.Text(Left - 8, y + 12, Short(figure.Name), "end");
            foreach (var (index, kind) in kinds.Index())
            {
                var width = most == 0 ? 0 : Math.Max(0, figure.Cpu.GetValueOrDefault(kind)) * (Width - Left - Right) / most;
                svg.Box(x, y, width, BarHeight, Svg.Colors[index % Svg.Colors.Length]);
                x += width;
            }

            svg.Text(x + 8, y + 12, Number(figure.CpuMicrosecondsPerOperation ?? 0));
        }

        foreach (var (index, kind) in kinds.Index())
        {
            var (x, y) = (20 + (index % 5 * 165), Title + (figures.Count * BarStep) + (index / 5 * BarStep) + 8);
            svg.Box(x, y, 12, 12, Svg.Colors[index % Svg.Colors.Length]).Text(x + 18, y + 10, kind);
        }

        return svg.ToString();
    }

    private static string Latency(IReadOnlyList<Figure> figures)
    {
        var quantiles = figures[0].Latency.Keys.ToList();
        var series = figures.Select((figure, index) => (figure.Name, Color: index, Points: quantiles.Select((quantile, x) => ((double)x, figure.Latency[quantile])).ToList())).ToList();
        return Lines("latency in ms, by quantile", series, [.. quantiles.Select((quantile, x) => ((double)x, quantile))], logarithmic: true);
    }

    private static string Growth(string axis, IReadOnlyList<Figure> figures, string unit, Func<Figure, double?> value)
    {
        List<(string Name, List<(double X, double Y)> Points)> lines =
        [
            .. figures.GroupBy(figure => figure.Point!.Series).Select(group => (group.Key, Points(group, value))),
        ];
        if (unit == "each second")
        {
            lines.AddRange(figures.Where(figure => figure.LimitName is not null).GroupBy(figure => figure.LimitName!)
                .Select(group => (group.Key, Points(group, figure => figure.Limit))));
            lines.AddRange(figures.SelectMany(figure => figure.Rivals.Select(rival => (rival.Key, figure.Point!.X, rival.Value))).GroupBy(rival => rival.Key)
                .Select(group => (group.Key, group.Where(rival => rival.Value is not null).Select(rival => (Math.Log2(rival.X), rival.Value!.Value)).ToList())));
        }

        var marks = figures.Select(figure => figure.Point!.X).Distinct().Order().Select(x => (Math.Log2(x), x.ToString(CultureInfo.InvariantCulture))).ToList();
        return Lines($"{unit}, by {axis}", [.. lines.Select((line, index) => (line.Name, index, line.Points))], marks, logarithmic: true);

        static List<(double X, double Y)> Points(IEnumerable<Figure> group, Func<Figure, double?> value) =>
            [.. group.Where(figure => value(figure) is not null).Select(figure => (Math.Log2(figure.Point!.X), value(figure)!.Value))];
    }

    private static string Lines(
        string title, IReadOnlyList<(string Name, int Color, List<(double X, double Y)> Points)> series, IReadOnlyList<(double X, string Text)> marks, bool logarithmic)
    {
        const int Top = 40;
        const int PlotHeight = 240;
        const int PlotLeft = 70;
        const int PlotRight = 830;
        var svg = new Svg(Width, Top + PlotHeight + 40 + (series.Count * 18));
        svg.Text(10, 18, title, bold: true);
        var values = series.SelectMany(line => line.Points).Select(point => point.Y).Where(y => y > 0).DefaultIfEmpty(1).ToList();
        var (low, high) = (Scale(values.Min() * 0.9), Scale(values.Max() * 1.1));
        var (first, last) = (marks.Min(mark => mark.X), marks.Max(mark => mark.X));
        foreach (var (x, text) in marks)
        {
            svg.Line(X(x), Top, X(x), Top + PlotHeight, "#d8dee4").Text(X(x), Top + PlotHeight + 16, text, "middle");
        }

        for (var tick = 0; tick <= 4; tick++)
        {
            var y = low + ((high - low) * tick / 4);
            svg.Line(PlotLeft, Y(y), PlotRight, Y(y), "#d8dee4").Text(PlotLeft - 6, Y(y) + 4, Number(logarithmic ? Math.Pow(10, y) : y), "end");
        }

        foreach (var (index, (name, color, points)) in series.Index())
        {
            svg.Path(points.Where(point => point.Y > 0).Select(point => (X(point.X), Y(Scale(point.Y)))), Svg.Colors[color % Svg.Colors.Length]);
            points.Where(point => point.Y > 0).ToList().ForEach(point => svg.Dot(X(point.X), Y(Scale(point.Y)), 3, Svg.Colors[color % Svg.Colors.Length]));
            var legend = Top + PlotHeight + 30 + (index * 18);
            svg.Box(PlotLeft, legend, 12, 12, Svg.Colors[color % Svg.Colors.Length]).Text(PlotLeft + 18, legend + 10, name);
        }

        return svg.ToString();

        double Scale(double value) => logarithmic ? Math.Log10(value) : value;

        double X(double x) => last > first ? PlotLeft + ((x - first) / (last - first) * (PlotRight - PlotLeft)) : (PlotLeft + PlotRight) / 2.0;

        double Y(double y) => high > low ? Top + PlotHeight - ((y - low) / (high - low) * PlotHeight) : Top + (PlotHeight / 2.0);
    }

    // A contest with several of ours names its figures after them.
    private static string OursOf(Figure figure) =>
        figure.Rounds.Select(round => round.Contender).First(name => name != figure.LimitName && !figure.Rivals.ContainsKey(name));

    private static string Short(string name) => name.Length > 40 ? $"{name[..39]}…" : name;

    internal static string Number(double value) => value switch
    {
        >= 100 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("F1", CultureInfo.InvariantCulture),
        _ => value.ToString("F2", CultureInfo.InvariantCulture),
    };
}
