using System.Globalization;

namespace Shop.ServiceDefaults;

/// <summary>Until when somebody waits for an answer. Between processes it travels as the milliseconds that are left, so that no two clocks are compared.</summary>
/// <remarks>The time on the wire is not counted, so the one who is called believes in a little more than there is. A deadline that passes says
/// nothing about the effect of the request.</remarks>
public sealed class Deadline
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private readonly TimeProvider _clock;
    private readonly long _started;
    private readonly TimeSpan _budget;

    public Deadline(TimeProvider clock, TimeSpan budget)
    {
        _clock = clock;
        _started = clock.GetTimestamp();
        _budget = budget;
    }

    /// <summary>Never negative.</summary>
    public TimeSpan Remaining
    {
        get
        {
            var left = _budget - _clock.GetElapsedTime(_started);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    public bool HasPassed => Remaining == TimeSpan.Zero;

    /// <summary>What the header says; null when there is none, or none that makes sense.</summary>
    public static Deadline? Parse(string? header, TimeProvider clock) =>
        int.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds <= Longest.TotalMilliseconds
            ? new Deadline(clock, TimeSpan.FromMilliseconds(milliseconds))
            : null;

    /// <summary>The one that ends first.</summary>
    public static Deadline Earlier(Deadline one, Deadline? other) => other is not null && other.Remaining < one.Remaining ? other : one;

    // Rounded down: the last fraction of a millisecond is spent on the way.
    public override string ToString() => ((long)Remaining.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
