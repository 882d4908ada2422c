using System.ComponentModel.DataAnnotations;

namespace Shop.Ordering.Checkout;

/// <summary>How patient a checkout is.</summary>
internal sealed class CheckoutOptions
{
    public const string Section = "Checkout";

    /// <summary>A step without an answer is sent again after this time, then after twice as long, and so on.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan ResendAfter { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest pause between two sends of one step.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00")]
    public TimeSpan MaxResendInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>An order whose charge is not answered by then is undone, because the outcome is unknown.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>So many sends of a step that must succeed, and the order needs attention. Sending goes on.</summary>
    [Range(1, 1000)]
    public int AttentionAfter { get; set; } = 10;

    /// <summary>How often the clockwork looks for orders that are due.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan TimerInterval { get; set; } = TimeSpan.FromMilliseconds(250);
}
