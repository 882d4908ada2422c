using System.ComponentModel.DataAnnotations;

namespace Shop.Ordering.Intake;

/// <summary>How many orders may wait and be under way, and how many share a commit.</summary>
internal sealed class IntakeOptions
{
    public const string Section = "Intake";

    /// <summary>Requests that may wait for the writer; the next one is refused before anything is stored.</summary>
    [Range(1, 1_000_000)]
    public int Capacity { get; set; } = 2048;

    /// <summary>With so many orders under way that are not final, of all replicas, no more are taken in: what waits for a participant that is away, in
    /// outboxes, queues and memory, is in proportion to them. Replicas look once a second, and may pass it by what they take in meanwhile.</summary>
    [Range(1, 10_000_000)]
    public int MaxOpen { get; set; } = 20_000;

    /// <summary>The most orders in one commit.</summary>
    [Range(1, 10_000)]
    public int MaxBatch { get; set; } = 256;

    /// <summary>How long a caller waits for its commit before it is told that the request is in progress.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(10);
}
