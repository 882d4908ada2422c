using System.ComponentModel.DataAnnotations;

namespace Shop.BuildingBlocks.Leadership;

/// <summary>How long a lead lasts without news from Consul, and so how long a takeover takes.</summary>
public sealed class LeadershipOptions : IValidatableObject
{
    public const string Section = "Leadership";

    /// <summary>Of the session in Consul, which gives it up after this time at the earliest and after twice this time at the latest.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "01:00:00")]
    public TimeSpan TimeToLive { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How much earlier a leader that hears nothing gives up by itself.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan SafetyMargin { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a leader renews its session.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan RenewEvery { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long nobody may follow a leader whose session was lost: for what it has sent and what is not fenced. A step-down needs none.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan LockDelay { get; set; } = TimeSpan.FromSeconds(1);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if ((2 * RenewEvery) + SafetyMargin > TimeToLive)
        {
            yield return new ValidationResult(
                $"{Section}:{nameof(TimeToLive)} must leave room for two renewals and the safety margin: more than 2 x {nameof(RenewEvery)} + {nameof(SafetyMargin)}.");
        }
    }
}
