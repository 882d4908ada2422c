namespace Shop.BuildingBlocks.Messaging;

/// <summary>A destination of the outbox that is no service: an envelope for it is handed over in this process.</summary>
/// <param name="SendAsync">Completes when what the messages ask for is done; throws to be called again later. Repeats must do no harm.</param>
/// <remarks>It has a lane of its own, so that one that fails holds up no service.</remarks>
public sealed record DirectDestination(string Name, Func<Envelope, CancellationToken, Task> SendAsync);

/// <summary>Where the outbox leads to, and how.</summary>
internal sealed class OutboxRoutes(ITransport transport, MessagingTopology topology, IEnumerable<DirectDestination> direct)
{
    private readonly Dictionary<string, DirectDestination> _direct = direct.ToDictionary(d => d.Name);

    public IEnumerable<string> Destinations => topology.Destinations.Concat(_direct.Keys);

    public Task SendAsync(Envelope envelope, CancellationToken cancellationToken) =>
        _direct.TryGetValue(envelope.Destination, out var here) ? here.SendAsync(envelope, cancellationToken) : transport.SendAsync(envelope, cancellationToken);
}
