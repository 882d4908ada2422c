using Shop.BuildingBlocks.Messaging;

namespace Shop.IntegrationTests.Support;

/// <summary>A transport on which one destination is away until it is told to be back; nothing is lost, because nothing is confirmed.</summary>
internal sealed class AwayTransport(string away) : ITransport
{
    private readonly LoopbackTransport _good = new();
    private volatile bool _back;

    public void ComeBack() => _back = true;

    public Task ListenAsync(string service, Func<Envelope, CancellationToken, Task> receive, CancellationToken cancellationToken) =>
        _good.ListenAsync(service, receive, cancellationToken);

    public Task SendAsync(Envelope envelope, CancellationToken cancellationToken) => envelope.Destination == away && !_back
        ? throw new IOException($"{away} is away")
        : _good.SendAsync(envelope, cancellationToken);
}
