using System.ComponentModel.DataAnnotations;

namespace Shop.Ordering.Overdue;

/// <summary>When an order is given up that nothing else has brought to an end.</summary>
internal sealed class OverdueOptions
{
    public const string Section = "Overdue";

    /// <summary>The age of such an order. Longer than <c>Checkout:Timeout</c>, at which its checkout gives it up by itself.</summary>
    [Range(typeof(TimeSpan), "00:00:00.200", "30.00:00:00")]
    public TimeSpan After { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>So many orders are given up in one transaction.</summary>
    [Range(1, 1000)]
    public int BatchSize { get; set; } = 50;
}
