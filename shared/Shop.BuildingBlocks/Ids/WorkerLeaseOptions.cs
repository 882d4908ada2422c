using System.ComponentModel.DataAnnotations;

namespace Shop.BuildingBlocks.Ids;

/// <summary>How worker ids are leased in Consul, where none is fixed.</summary>
public sealed class WorkerLeaseOptions : IValidatableObject
{
    public const string Section = "Snowflake:Lease";

    /// <summary>How long ids are made without news from Consul, less <see cref="SafetyMargin"/>; and how long the id of a process that died stays taken.</summary>
    /// <remarks>Long, because 1,024 ids are many and orders that are refused cost more: an outage of Consul that is shorter costs nothing.</remarks>
    [Range(typeof(TimeSpan), "00:00:10", "12:00:00")]
    public TimeSpan TimeToLive { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How much earlier a process that hears nothing stops by itself.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan SafetyMargin { get; set; } = TimeSpan.FromSeconds(5);

    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan RenewEvery { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a start waits for a worker id; after that it goes on without, is not ready, and keeps trying.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan StartWait { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The first worker id that is leased; those before it are left for fixed ones.</summary>
    [Range(0, SnowflakeId.MaxWorker)]
    public int FirstWorker { get; set; }

    [Range(0, SnowflakeId.MaxWorker)]
    public int LastWorker { get; set; } = SnowflakeId.MaxWorker;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if ((2 * RenewEvery) + SafetyMargin > TimeToLive)
        {
            yield return new ValidationResult(
                $"{Section}:{nameof(TimeToLive)} must leave room for two renewals and the safety margin: more than 2 x {nameof(RenewEvery)} + {nameof(SafetyMargin)}.");
        }

        if (LastWorker < FirstWorker)
        {
            yield return new ValidationResult($"{Section}:{nameof(LastWorker)} must not be less than {nameof(FirstWorker)}.");
        }
    }
}
