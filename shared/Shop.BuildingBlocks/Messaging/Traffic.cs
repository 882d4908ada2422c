namespace Shop.BuildingBlocks.Messaging;

/// <summary>How much this process has sent and been asked since it started: what a protocol costs on the wire.</summary>
/// <remarks>Each number is exact by itself; two of them read together may be a moment apart.</remarks>
public sealed class Traffic
{
    private long _envelopes;
    private long _messages;
    private long _calls;
    private long _commands;

    /// <summary>Confirmed envelopes, repeats too.</summary>
    public long EnvelopesSent => Interlocked.Read(ref _envelopes);

    /// <summary>Messages in them.</summary>
    public long MessagesSent => Interlocked.Read(ref _messages);

    /// <summary>Requests with commands that were received.</summary>
    public long CallsReceived => Interlocked.Read(ref _calls);

    /// <summary>Commands in them.</summary>
    public long CommandsReceived => Interlocked.Read(ref _commands);

    internal void Sent(int messages)
    {
        Interlocked.Increment(ref _envelopes);
        Interlocked.Add(ref _messages, messages);
    }

    internal void Called(int commands)
    {
        Interlocked.Increment(ref _calls);
        Interlocked.Add(ref _commands, commands);
    }
}
