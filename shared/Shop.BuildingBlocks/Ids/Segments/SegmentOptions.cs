using System.ComponentModel.DataAnnotations;

namespace Shop.BuildingBlocks.Ids.Segments;

/// <summary>How many numbers a process fetches at a time.</summary>
public sealed class SegmentOptions : IValidatableObject
{
    public const string Section = "Segments";

    /// <summary>The size of the first segment, and of the smallest one. A crash loses what is left of at most two segments.</summary>
    [Range(1, 1_000_000)]
    public int MinStep { get; set; } = 500;

    [Range(1, 100_000_000)]
    public int MaxStep { get; set; } = 100_000;

    /// <summary>How long a segment should last: one that is used up sooner is followed by one of twice the size, one that lasts twice as long by a smaller one.</summary>
    /// <remarks>Also how long the numbers last, at the same pace, when the database goes away: a whole segment is always in reserve.</remarks>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Lasts { get; set; } = TimeSpan.FromMinutes(1);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MaxStep < MinStep)
        {
            yield return new ValidationResult($"{Section}:{nameof(MaxStep)} must not be less than {nameof(MinStep)}.");
        }
    }
}
