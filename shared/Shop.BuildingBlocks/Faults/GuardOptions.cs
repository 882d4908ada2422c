using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shop.BuildingBlocks.Configuration;

namespace Shop.BuildingBlocks.Faults;

/// <summary>The guards that keep the invariants, each of which the lab can take away to show the anomaly that it prevents.</summary>
/// <remarks>
/// Each is the last guard of its anomaly: with it goes whatever constraint would still stop the fault. The Production environment refuses to start
/// with one of them off. All but <see cref="Idempotency"/> may be switched while the process runs: the next transaction sees it, so that an order
/// that is under way has steps with the guard and without. What is damaged meanwhile stays damaged when a guard is switched on again.
/// </remarks>
public sealed class GuardOptions
{
    public const string Section = "Guards";

    /// <summary>A repeated command is answered with the record of the first time. Without it, it is decided again; the operations table's key goes too.</summary>
    public bool Dedupe { get; set; } = true;

    /// <summary>An undo shuts out a try that comes after it.</summary>
    public bool Tombstones { get; set; } = true;

    /// <summary>A known Idempotency-Key is answered with its order. Without it, each request makes one; the unique index on the key goes too, and does
    /// not come back: the one guard that is read at the start only.</summary>
    public bool Idempotency { get; set; } = true;

    /// <summary>Messages are stored with the change and sent from there. Without it they are sent once, after the commit.</summary>
    public bool Outbox { get; set; } = true;

    /// <summary>A message leaves the outbox when the other side has confirmed it. Without it, when it was handed to the transport.</summary>
    public bool Confirms { get; set; } = true;

    /// <summary>A decision is logged before anybody is told, once and for ever. Without it, whoever decides believes himself.</summary>
    public bool Decisions { get; set; } = true;

    /// <summary>A step without an answer is sent again, and given up in time.</summary>
    public bool Resend { get; set; } = true;

    /// <summary>Those that may be switched while the process runs.</summary>
    public static ImmutableArray<string> Live { get; } =
        [nameof(Dedupe), nameof(Tombstones), nameof(Outbox), nameof(Confirms), nameof(Decisions), nameof(Resend)];

    internal bool AllOn => Dedupe && Tombstones && Idempotency && Outbox && Confirms && Decisions && Resend;
}

/// <summary>Registers the switches of the guards.</summary>
internal static class GuardRegistration
{
    public static void AddGuards(this IServiceCollection services) => services
        .AddOptions<GuardOptions>()
        .BindConfiguration(GuardOptions.Section)
        .Validate<IHostEnvironment>(
            (guards, environment) => guards.AllOn || !environment.IsProduction(),
            $"{GuardOptions.Section}: no guard may be off in the Production environment.")
        .ValidateOnStart()
        .Services.AddLive<GuardOptions>(GuardOptions.Section, GuardOptions.Live);
}
