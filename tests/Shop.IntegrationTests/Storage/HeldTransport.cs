using System.Collections.Concurrent;
using Shop.BuildingBlocks.Messaging;

namespace Shop.IntegrationTests.Storage;

/// <summary>One replica's way out. While it holds, an envelope arrives and its confirm does not.</summary>
internal sealed class HeldTransport(string replica, DeliveryLog log) : ITransport
{
    private volatile TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What has arrived since the last hold and is not confirmed, by destination.</summary>
    public ConcurrentDictionary<string, IReadOnlyList<(string Destination, long Id)>> Held { get; } = new();

    /// <summary>How many messages each envelope had, in the order in which they came, those that were refused too.</summary>
    public ConcurrentQueue<int> Sizes { get; } = new();

    /// <summary>Which envelope does not arrive, by how many came before it.</summary>
    public Func<int, bool> Refuses { get; set; } = _ => false;

    public void Hold()
    {
        Held.Clear();
        _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public void Release() => _gate.TrySetResult();

    public async Task SendAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        var gate = _gate;
        var number = Sizes.Count;
        Sizes.Enqueue(envelope.Parts.Sum(part => MessageCodec.Decode(part, []).Count));
        if (Refuses(number))
        {
            throw new IOException("refused");
        }

        var ids = log.Add(replica, envelope);
        if (!gate.Task.IsCompleted)
        {
            Held[envelope.Destination] = ids;
            await gate.Task.WaitAsync(cancellationToken);
        }
    }

    public Task ListenAsync(string service, Func<Envelope, CancellationToken, Task> receive, CancellationToken cancellationToken) => Task.CompletedTask;
}
