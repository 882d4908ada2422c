using Shop.Lab.Measuring;

namespace Shop.Lab.Protocols;

/// <summary>One protocol with so many buyers, of one article or of many: each waits for the end of an order and places the next.</summary>
/// <param name="Cost">What the databases and the services did meanwhile, idle work subtracted.</param>
internal sealed record Cell(string Protocol, int Buyers, bool OneArticle, TimeSpan Took, IReadOnlyList<(string Outcome, TimeSpan Took)> Orders, ClusterCounters Cost)
{
    public int Confirmed => Orders.Count(order => order.Outcome is "confirmed");

    public double PerSecond => Confirmed / Took.TotalSeconds;

    public double Milliseconds(double quantile)
    {
        var sorted = Orders.Where(order => order.Outcome is "confirmed").Select(order => order.Took.TotalMilliseconds).Order().ToList();
        return sorted.Count == 0 ? double.NaN : sorted[(int)(quantile * (sorted.Count - 1))];
    }
}

/// <summary>What one protocol did while payments was cut off.</summary>
/// <param name="Asked">Orders that were sent meanwhile, and of those that were taken in.</param>
/// <param name="Locked">Tries of somebody else to change the stock of the same article, and of those that went through within a second.</param>
/// <param name="InDoubt">From the end of the cut until the last of the orders was final.</param>
internal sealed record CutResult(string Protocol, int Asked, int TakenIn, int Locked, int WentThrough, TimeSpan InDoubt);
