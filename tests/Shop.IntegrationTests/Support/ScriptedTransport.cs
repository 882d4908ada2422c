using Shop.BuildingBlocks.Messaging;
using Shop.Contracts.Messages;

namespace Shop.IntegrationTests.Support;

/// <summary>The loopback, message by message, with a script that decides what becomes of each: by its content, not by chance.</summary>
internal sealed class ScriptedTransport : ITransport
{
    private readonly LoopbackTransport _loopback = new();
    private readonly Lock _gate = new();
    private readonly List<(Envelope Envelope, Message Message)> _kept = [];

    /// <summary>Asked for every message; delivers it unless a test says otherwise.</summary>
    public Func<Message, Fate> Script { get; set; } = _ => Fate.Deliver;

    /// <summary>What was kept so far.</summary>
    public int Kept
    {
        get
        {
            lock (_gate)
            {
                return _kept.Count;
            }
        }
    }

    public Task ListenAsync(string service, Func<Envelope, CancellationToken, Task> receive, CancellationToken cancellationToken) =>
        _loopback.ListenAsync(service, receive, cancellationToken);

    public async Task SendAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        var delivered = new List<Message>();
        foreach (var message in envelope.Parts.SelectMany(part => MessageCodec.Decode(part, [])))
        {
            var fate = Script(message);
            if (fate is Fate.Refuse)
            {
                throw new IOException("refused");
            }

            if (fate is Fate.Keep or Fate.DeliverAndKeep)
            {
                lock (_gate)
                {
                    _kept.Add((envelope, message));
                }
            }

            if (fate is Fate.Deliver or Fate.DeliverAndKeep or Fate.DeliverTwice)
            {
                delivered.Add(message);
            }

            if (fate is Fate.DeliverTwice)
            {
                delivered.Add(message);
            }
        }

        await ForwardAsync(envelope, delivered, cancellationToken);
    }

    /// <summary>Delivers everything that was kept, the newest first, and forgets it.</summary>
    public async Task ReleaseAsync()
    {
        List<(Envelope Envelope, Message Message)> kept;
        lock (_gate)
        {
            kept = [.. _kept];
            _kept.Clear();
        }

        foreach (var (envelope, message) in Enumerable.Reverse(kept))
        {
            await ForwardAsync(envelope, [message], CancellationToken.None);
        }
    }

    private Task ForwardAsync(Envelope envelope, List<Message> messages, CancellationToken cancellationToken) => messages.Count == 0
        ? Task.CompletedTask
        : _loopback.SendAsync(envelope with { Parts = [MessageCodec.Encode(messages)] }, cancellationToken);
}

/// <summary>What becomes of a message. All but a refusal are confirmed to the sender.</summary>
internal enum Fate
{
    Deliver,
    DeliverTwice,
    Drop,

    /// <summary>Held back until it is released.</summary>
    Keep,

    /// <summary>Delivered, and once more when it is released.</summary>
    DeliverAndKeep,
    Refuse,
}
