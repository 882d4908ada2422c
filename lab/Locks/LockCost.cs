namespace Shop.Lab.Locks;

/// <summary>What one backend took, one time for each round.</summary>
/// <param name="RoundTrips">Acquire and release, one after the other, as the code makes them; several servers that are asked at once are one.</param>
internal sealed record LockCost(string Name, string RoundTrips, List<TimeSpan> Acquired, List<TimeSpan> Released)
{
    public TimeSpan Acquire(double quantile) => Of(Acquired, quantile);

    public TimeSpan Release(double quantile) => Of(Released, quantile);

    /// <summary>Of a whole round: acquire and release.</summary>
    public TimeSpan Both(double quantile) => Of(Acquired.Zip(Released, (acquired, released) => acquired + released), quantile);

    private static TimeSpan Of(IEnumerable<TimeSpan> times, double quantile)
    {
        var sorted = times.Order().ToList();
        return sorted[Math.Min((int)(sorted.Count * quantile), sorted.Count - 1)];
    }
}
