namespace Shop.Benchmarks.Frame;

internal static class Statistics
{
    /// <summary>The one in the middle, or the mean of the two; null where there is none.</summary>
    public static double? Median(this IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0 ? null : (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    /// <summary>The slope of the line with the least squares, in y for each x.</summary>
    public static double Slope(this IReadOnlyCollection<(double X, double Y)> points)
    {
        var (x, y) = (points.Average(point => point.X), points.Average(point => point.Y));
        var spread = points.Sum(point => (point.X - x) * (point.X - x));
        return spread == 0 ? 0 : points.Sum(point => (point.X - x) * (point.Y - y)) / spread;
    }
}
