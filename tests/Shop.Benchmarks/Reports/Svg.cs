using System.Globalization;
using System.Net;
using System.Text;

namespace Shop.Benchmarks.Reports;

/// <summary>A picture made of lines, boxes and words, as text that stands in a page or in a file of its own.</summary>
internal sealed class Svg(int width, int height)
{
    public static readonly string[] Colors = ["#1f6feb", "#8b949e", "#bf8700", "#2da44e", "#8250df", "#cf222e", "#0a7ea4", "#953800", "#6e7781", "#116329"];

    private readonly StringBuilder _shapes = new();

    public Svg Box(double x, double y, double w, double h, string color) =>
        Add($"""<rect x="{x:F1}" y="{y:F1}" width="{Math.Max(w, 0.5):F1}" height="{h:F1}" fill="{color}"/>""");

    public Svg Line(double x1, double y1, double x2, double y2, string color, double thickness = 1) =>
        Add($"""<line x1="{x1:F1}" y1="{y1:F1}" x2="{x2:F1}" y2="{y2:F1}" stroke="{color}" stroke-width="{thickness:F1}"/>""");

    public Svg Dot(double x, double y, double radius, string color) => Add($"""<circle cx="{x:F1}" cy="{y:F1}" r="{radius:F1}" fill="{color}" fill-opacity="0.65"/>""");

    public Svg Path(IEnumerable<(double X, double Y)> points, string color) => Add(
        $"""<polyline points="{string.Join(' ', points.Select(point => FormattableString.Invariant($"{point.X:F1},{point.Y:F1}")))}" fill="none" stroke="{color}" stroke-width="2"/>""");

    /// <param name="anchor">Where <paramref name="x"/> is: at the start, the middle or the end of the text.</param>
    public Svg Text(double x, double y, string text, string anchor = "start", bool bold = false) => Add(
        $"""<text x="{x:F1}" y="{y:F1}" text-anchor="{anchor}"{(bold ? " font-weight=\"600\"" : "")}>{WebUtility.HtmlEncode(text)}</text>""");

    public override string ToString() =>
        $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-family="system-ui, sans-serif" font-size="12" fill="#24292f"><rect width="{width}" height="{height}" fill="#ffffff"/>{_shapes}</svg>""";

    private Svg Add(FormattableString shape)
    {
        _shapes.Append(shape.ToString(CultureInfo.InvariantCulture));
        return this;
    }
}
