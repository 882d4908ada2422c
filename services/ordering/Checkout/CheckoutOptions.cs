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

    /// <summary>TCC: after this time a participant that still holds something asks what was decided. Longer than <see cref="Timeout"/>, so that
    /// the coordinator decides first.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "7.00:00:00")]
    public TimeSpan HoldFor { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Requests to each participant that may be under way at once.</summary>
    [Range(1, 64)]
    public int Callers { get; set; } = 3;

    /// <summary>Two-phase commit: orders that may be called about at once, in each of its lanes. Each may hold a connection at a participant
    /// while it waits for a row; more than can be served within its lock timeout only time out.</summary>
    [Range(1, 256)]
    public int BranchCallers { get; set; } = 4;

    /// <summary>Orders in one request.</summary>
    [Range(1, 1000)]
    public int MaxCallBatch { get; set; } = 128;

    /// <summary>With so many orders waiting to be called, no more are taken in.</summary>
    [Range(1, 1_000_000)]
    public int MaxCallsWaiting { get; set; } = 2000;

    /// <summary>Nor while the first of them has waited so long: much less than <see cref="Timeout"/>, which waits for nobody.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan MaxCallWait { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>An order that another replica took in is sent again so much later than its own: that one may only be slow, and two that repeat the
    /// same are twice the work just when there is too much of it.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan TakeOverAfter { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often the clockwork looks for orders that are due.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan TimerInterval { get; set; } = TimeSpan.FromMilliseconds(250);
}
