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

    /// <summary>Envelopes that a replica handles at a time: each is a transaction of its own.</summary>
    [Range(1, 64)]
    public int ConcurrentEnvelopes { get; set; } = 4;

    /// <summary>How long a send waits for the broker's confirm. Shorter than the database's patience with an idle transaction, because the
    /// rows being sent stay locked meanwhile.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:09")]
    public TimeSpan ConfirmTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
