using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;
using Shop.BuildingBlocks.Discovery;

namespace Shop.ServiceDefaults;

/// <summary>How this process calls the other services.</summary>
/// <remarks>A timeout is an unknown outcome, not a refusal: whoever calls must be able to repeat.</remarks>
public sealed class InternalClientOptions
{
    public const string Section = "InternalClients";

    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether calls are guarded at all: deadline, retries, breaker, bulkhead. Where nothing is said, they are with a registry.</summary>
    public bool? Guarded { get; set; }

    /// <summary>Tries of a call that may be repeated; 1 turns retries off.</summary>
    [Range(1, 5)]
    public int MaxAttempts { get; set; } = 3;

    /// <summary>How long one try of a call that may be repeated takes at most.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The pause before the first retry; it doubles, with jitter.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:10")]
    public TimeSpan RetryPause { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Retries that each call earns: 0.1 is one retry for ten calls.</summary>
    [Range(0d, 1d)]
    public double RetryRatio { get; set; } = 0.1;

    /// <summary>Retries that can be saved up, so that a service that is called rarely has some.</summary>
    [Range(0, 1000)]
    public int RetryBurst { get; set; } = 10;

    /// <summary>The share of failed calls at which a replica is left alone; above 1 the breaker is off.</summary>
    [Range(0.01d, 2d)]
    public double BreakerFailureRatio { get; set; } = 0.5;

    /// <summary>Fewer calls than this in the sampling time prove nothing. Low, or else a breaker on a quiet route never opens.</summary>
    [Range(2, 10_000)]
    public int BreakerMinimumCalls { get; set; } = 5;

    [Range(typeof(TimeSpan), "00:00:00.500", "00:10:00")]
    public TimeSpan BreakerSampling { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a replica is left alone before one call tries it.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "00:10:00")]
    public TimeSpan BreakerPause { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Calls to one service at a time; the next one fails at once, so that a slow service does not take all there is.</summary>
    [Range(1, 100_000)]
    public int MaxConcurrent { get; set; } = 256;

    public bool IsGuarded(IConfiguration configuration) => Guarded ?? ConsulOptions.IsWanted(configuration);
}
