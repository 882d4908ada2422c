using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Faults;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts.Messages;

namespace Shop.BuildingBlocks.Messaging;

/// <summary>Handles an envelope in one transaction; splits off and parks what cannot be handled.</summary>
/// <remarks>Completes only when every message is committed or parked. An outage parks nothing: it is thrown back to the sender, who repeats.</remarks>
public sealed partial class EnvelopeReceiver<TContext>(
    Database<TContext> database,
    IEnvelopeHandler<TContext> handler,
    ITransport transport,
    MessagingTopology topology,
    IOptionsMonitor<MessagingOptions> options,
    TimeProvider clock,
    ILogger<EnvelopeReceiver<TContext>> logger) : IHostedService
    where TContext : ShopDbContext
{
    private const int MaxConflicts = 5;

    private static readonly TimeSpan PauseAlone = TimeSpan.FromMilliseconds(20);

    public Task StartAsync(CancellationToken cancellationToken) => transport.ListenAsync(topology.Service, ReceiveAsync, cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Handles one envelope; also how a dead letter is tried again.</summary>
    public async Task ReceiveAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        var undecodable = new List<Undecodable>();
        var messages = envelope.Parts.SelectMany(part => MessageCodec.Decode(part, undecodable)).ToList();

        foreach (var (payload, error) in undecodable)
        {
            await ParkAsync(envelope.Source, payload, error, cancellationToken);
        }

        if (messages.Count > 0)
        {
            await HandleAsync(envelope.Source, messages, cancellationToken);
        }
    }

    private async Task HandleAsync(string source, List<Message> messages, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await database.WriteAsync(db => handler.HandleAsync(db, messages, cancellationToken), cancellationToken);
                CrashPoint.Hit(CrashPoint.AfterEffect);
                return;
            }
            catch (Exception exception) when (exception.IsConflict() && attempt < MaxConflicts)
            {
                Log.Repeated(logger, messages.Count, exception.Message);
            }
            catch (Exception exception) when (!exception.IsTransient())
            {
                if (messages.Count > 1)
                {
                    Log.Halved(logger, messages.Count, exception);
                    var half = messages.Count / 2;
                    await HandleAsync(source, messages[..half], cancellationToken);
                    await HandleAsync(source, messages[half..], cancellationToken);
                    return;
                }

                if (attempt >= options.CurrentValue.TriesAlone)
                {
                    Log.Parked(logger, source, exception);
                    await ParkAsync(source, MessageCodec.EncodeOne(messages[0]), exception.Message, cancellationToken);
                    return;
                }
            }

            await Task.Delay(PauseAlone * attempt, clock, cancellationToken);
        }
    }

    /// <summary>Parks a text that is no message, or one that cannot be handled.</summary>
    public Task ParkAsync(string source, string payload, string error, CancellationToken cancellationToken) => database.WriteAsync(
        async db =>
        {
            var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(payload)))[..32];
            if (await db.DeadLetters.FindAsync([id], cancellationToken) is { } known)
            {
                known.ArriveAgain(error, clock.GetUtcNow());
            }
            else
            {
                db.DeadLetters.Add(new DeadLetter(id, source, payload, error, clock.GetUtcNow()));
            }
        },
        cancellationToken);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "A batch of {Count} messages met another transaction and is repeated: {Reason}")]
        public static partial void Repeated(ILogger logger, int count, string reason);

        [LoggerMessage(LogLevel.Warning, "A batch of {Count} messages failed and is halved")]
        public static partial void Halved(ILogger logger, int count, Exception exception);

        [LoggerMessage(LogLevel.Error, "A message from {Source} is parked as a dead letter")]
        public static partial void Parked(ILogger logger, string source, Exception exception);
    }
}
