using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Transactions;

/// <summary>Ends what a TCC try holds and nobody came to confirm or cancel: asks for the decision and carries it out.</summary>
/// <remarks>
/// A hold does not end by the clock alone: a participant that gave it up on its own could be told to confirm afterwards, and the order would be
/// half done. While the log of decisions cannot be read the hold stays; unlike a prepared transaction it locks no row, so others go on buying.
/// </remarks>
internal sealed partial class HoldExpiry<TContext>(
    Database<TContext> database,
    IParticipant<TContext> participant,
    IDecisions decisions,
    IOptions<ParticipantOptions> options,
    TimeProvider clock,
    ILogger<HoldExpiry<TContext>> logger) : BackgroundService
    where TContext : ShopDbContext
{
    private const int BatchSize = 200;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.RecoveryInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await RunOnceAsync(stoppingToken) == BatchSize)
                {
                }
            }
            catch (Exception exception) when (exception is not OutOfMemoryException && !stoppingToken.IsCancellationRequested)
            {
                Log.Failed(logger, exception.Message);
            }
        }
    }

    internal async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        var expired = await database.ReadAsync(
            db => participant.ExpiredAsync(db, clock.GetStorageTime(), BatchSize, cancellationToken), cancellationToken);
        if (expired.Count == 0)
        {
            return 0;
        }

        var decided = await decisions.ResolveAsync(expired, cancellationToken);
        Log.Expired(logger, expired.Count, decided.Count(d => d.Commit));
        await database.WriteAsync(
            db => participant.ApplyAsync(
                db, [.. decided.Select(d => d.Commit ? participant.Confirm(d.OrderId) : participant.Cancel(d.OrderId))], cancellationToken),
            cancellationToken);
        return expired.Count;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{Count} holds have expired; {Confirmed} of them were decided to be confirmed, the others are cancelled")]
        public static partial void Expired(ILogger logger, int count, int confirmed);

        [LoggerMessage(LogLevel.Warning, "Expired holds stay for now: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
