using System.Collections.Concurrent;

namespace Shop.BuildingBlocks.Messaging;

/// <summary>Carries envelopes within one process. Sending completes when the receiver's transaction has committed: that commit is the
/// confirm, and the outbox is the only queue there is.</summary>
/// <remarks>Nothing is buffered, so nothing is lost with the process; nothing reaches another process either.</remarks>
public sealed class LoopbackTransport : ITransport
{
    private readonly ConcurrentDictionary<string, Func<Envelope, CancellationToken, Task>> _receivers = new();

    public Task SendAsync(Envelope envelope, CancellationToken cancellationToken) =>
        _receivers.TryGetValue(envelope.Destination, out var receive)
            ? receive(envelope, cancellationToken)
            : throw new IOException($"Nobody listens for {envelope.Destination} yet.");

    public Task ListenAsync(string service, Func<Envelope, CancellationToken, Task> receive, CancellationToken cancellationToken)
    {
        _receivers[service] = receive;
        return Task.CompletedTask;
    }
}
