using MassTransit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Messaging;

/// <summary>Carries envelopes between processes: MassTransit on RabbitMQ, one durable queue per service, shared by its replicas.</summary>
/// <remarks>
/// A send completes with the broker's confirm: a persistent message, on disk in a queue that exists. It says nothing of the receiver, and a
/// send that failed may have arrived. The broker delivers again what a consumer did not acknowledge, so envelopes repeat; their order is
/// not kept.
/// </remarks>
internal sealed partial class RabbitMqTransport(
    IBus bus, IOptions<RabbitMqOptions> options, TimeProvider clock, ILogger<RabbitMqTransport> logger) : ITransport
{
    private const int MaxLength = 64 * 1024; // about what one full envelope holds

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    // After an outage the queue is full of small envelopes.
    private readonly Combiner<Envelope> _combiner = new(
        options.Value.ConcurrentEnvelopes, MaxLength, envelope => envelope.Parts.Sum(part => part.Length), envelope => envelope.Source);

    private Func<Envelope, CancellationToken, Task>? _receive;

    public static string QueueOf(string service) => $"shop.{service}";

    public async Task SendAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(options.Value.ConfirmTimeout);
        try
        {
            var endpoint = await bus.GetSendEndpoint(new Uri($"exchange:{QueueOf(envelope.Destination)}"));

            // Mandatory: a message that no queue takes comes back as an error, not as success.
            await endpoint.Send(envelope, context => ((RabbitMqSendContext)context).Mandatory = true, timeout.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"No confirm for an envelope to {envelope.Destination} within {options.Value.ConfirmTimeout}.", exception);
        }
    }

    public Task ListenAsync(string service, Func<Envelope, CancellationToken, Task> receive, CancellationToken cancellationToken)
    {
        _receive = receive;
        return Task.CompletedTask;
    }

    /// <summary>Handles a delivered envelope, together with others that wait, and completes when that is committed.</summary>
    public Task ReceiveAsync(Envelope envelope, CancellationToken cancellationToken) =>
        _combiner.RunAsync(envelope, (together, token) => HandleAsync(together[0] with { Parts = [.. together.SelectMany(e => e.Parts)] }, token), cancellationToken);

    // However long an outage lasts: unacknowledged, the envelopes stay the broker's until then.
    private async Task HandleAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        for (var pause = FirstPause; ; pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks)))
        {
            try
            {
                if (_receive is { } receive)
                {
                    await receive(envelope, cancellationToken);
                    return;
                }
            }
            catch (Exception exception) when (exception.IsTransient() && !cancellationToken.IsCancellationRequested)
            {
                Log.Waiting(logger, envelope.Source, pause, exception.Message);
            }

            await Task.Delay(pause, clock, cancellationToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "An envelope from {Source} waits for {Pause}: {Reason}")]
        public static partial void Waiting(ILogger logger, string source, TimeSpan pause, string reason);
    }
}
