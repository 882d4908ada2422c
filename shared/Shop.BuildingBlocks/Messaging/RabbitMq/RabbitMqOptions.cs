using System.ComponentModel.DataAnnotations;

namespace Shop.BuildingBlocks.Messaging;

/// <summary>How to reach the broker. Each service has a user of its own.</summary>
public sealed class RabbitMqOptions
{
    public const string Section = "RabbitMq";

    [Required]
    public string Host { get; set; } = "localhost";

    [Range(1, 65535)]
    public int Port { get; set; } = 5672;

    [Required]
    public string VirtualHost { get; set; } = "shop";

    [Required]
    public string Username { get; set; } = "";

    [Required]
    public string Password { get; set; } = "";

    /// <summary>What a service's queue is made of. A queue that exists keeps its kind: to change it, let the queue run empty and delete it.</summary>
    public QueueKind Queues { get; set; } = QueueKind.Classic;

    /// <summary>Transactions of received messages that a replica has open at a time. While all are busy, the envelopes that wait grow together
    /// into the next one.</summary>
    [Range(1, 64)]
    public int ConcurrentEnvelopes { get; set; } = 2;

    /// <summary>Envelopes that a replica has taken from the broker and not acknowledged: what is handled and what waits for its turn.</summary>
    [Range(1, 1_000)]
    public ushort Prefetch { get; set; } = 64;

    /// <summary>How long a send waits for the broker's confirm. Shorter than the database's patience with an idle transaction, because the
    /// rows being sent stay locked meanwhile.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:09")]
    public TimeSpan ConfirmTimeout { get; set; } = TimeSpan.FromSeconds(5);
}

/// <summary>The kinds of durable queue that the broker has.</summary>
public enum QueueKind
{
    /// <summary>On one node, whatever the cluster.</summary>
    Classic,

    /// <summary>A replicated log: on one node the same guarantee as a classic queue, on three nodes it survives the loss of one.</summary>
    Quorum,
}
