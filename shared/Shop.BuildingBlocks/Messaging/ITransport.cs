namespace Shop.BuildingBlocks.Messaging;

/// <summary>Carries envelopes between services.</summary>
public interface ITransport
{
    /// <summary>Completes when the envelope is durable at the other side; only then may the sender forget it.</summary>
    /// <exception cref="Exception">It may or may not have arrived: send it again.</exception>
    Task SendAsync(Envelope envelope, CancellationToken cancellationToken);

    /// <summary>From now on envelopes for <paramref name="service"/> go to <paramref name="receive"/>, which completes when it has committed.</summary>
    Task ListenAsync(string service, Func<Envelope, CancellationToken, Task> receive, CancellationToken cancellationToken);
}
