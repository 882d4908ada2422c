using System.ComponentModel.DataAnnotations;

namespace Shop.BuildingBlocks.Messaging;

/// <summary>How the outbox is relayed and how envelopes are handled.</summary>
public sealed class MessagingOptions
{
    public const string Section = "Messaging";

    /// <summary>What carries envelopes between services.</summary>
    public TransportKind Transport { get; set; } = TransportKind.Loopback;

    /// <summary>The most messages in one envelope, so in one transaction of the receiver. One row is never split.</summary>
    [Range(1, 10_000)]
    public int MaxMessages { get; set; } = 512;

    /// <summary>The safety net under the wake-up at commit.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause between two tries when a destination does not confirm.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00")]
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a message is tried alone before it is parked.</summary>
    [Range(1, 100)]
    public int TriesAlone { get; set; } = 3;
}

/// <summary>The ways envelopes travel.</summary>
public enum TransportKind
{
    /// <summary>Within one process: whoever hosts the services has registered one <see cref="LoopbackTransport"/> for all of them.</summary>
    Loopback,

    /// <summary>Between processes, through RabbitMQ.</summary>
    RabbitMq,
}
