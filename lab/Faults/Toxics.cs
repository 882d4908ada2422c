namespace Shop.Lab.Faults;

/// <summary>What is done to the bytes that travel one way over a link.</summary>
internal sealed record Toxics
{
    public static readonly Toxics None = new();

    /// <summary>Every byte arrives so much later; their order stays.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Up to so much on top of it, another amount each time.</summary>
    public TimeSpan Jitter { get; init; }

    public long? BytesPerSecond { get; init; }

    /// <summary>Nothing arrives any more, not even the end, and the sender does not notice.</summary>
    public bool Swallow { get; init; }

    /// <summary>So many bytes of each connection pass, counted from now; the next one resets the connection.</summary>
    /// <remarks>Of answers, this is the ambiguous commit: the request has had its effect, and its caller is not told.</remarks>
    public long? CutAfter { get; init; }
}
