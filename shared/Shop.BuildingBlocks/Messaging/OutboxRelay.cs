using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Faults;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Messaging;

/// <summary>Takes rows from the outbox to their destination, one lane per destination, so that one that is away holds up no other.</summary>
/// <remarks>A crash between confirm and removal repeats the rows: at least once, never less. No order is promised.</remarks>
internal sealed partial class OutboxRelay<TContext>(
    Database<TContext> database,
    OutboxRoutes routes,
    OutboxSignal signal,
    MessagingTopology topology,
    IOptionsMonitor<MessagingOptions> options,
    IOptionsMonitor<GuardOptions> guards,
    Traffic traffic,
    TimeProvider clock,
    ILogger<OutboxRelay<TContext>> logger) : BackgroundService
    where TContext : ShopDbContext
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(50);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(routes.Destinations.Select(destination => Task.Run(() => RunLaneAsync(destination, stoppingToken), stoppingToken)));

    private async Task RunLaneAsync(string destination, CancellationToken stoppingToken)
    {
        var backoff = FirstBackoff;
        var rows = OutboxLook.First;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var look = await RelayAsync(destination, rows, stoppingToken);
                rows = look.Next;
                if (!look.IsMoreThere)
                {
                    await signal.WaitAsync(destination, options.CurrentValue.PollInterval, stoppingToken);
                }

                backoff = FirstBackoff;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // Whatever it was, the rows are still there: the lane pauses and repeats for as long as it takes.
                // So many may have been too many for the time that a confirm or an idle transaction has.
                Log.NotConfirmed(logger, destination, backoff, exception);
                rows = OutboxLook.First;
                await Task.Delay(backoff, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                backoff = TimeSpan.FromTicks(Math.Min(backoff.Ticks * 2, options.CurrentValue.MaxBackoff.Ticks));
            }
        }
    }

    private Task<OutboxLook> RelayAsync(string destination, int most, CancellationToken cancellationToken) =>
        database.IsShared ? RelayClaimedAsync(destination, most, cancellationToken) : RelayOwnAsync(destination, most, cancellationToken);

    // The rows stay locked from the read to the removal, so that another replica's relay passes them over; a crash frees them unsent or sent.
    private Task<OutboxLook> RelayClaimedAsync(string destination, int most, CancellationToken cancellationToken) => database.WriteAsync(
        async db =>
        {
            var rows = await NextRows(db, destination, most).ForUpdateSkipLocked().ToListAsync(cancellationToken);
            return new OutboxLook(most, rows.Count, await SendAsync(destination, rows, db, cancellationToken));
        },
        cancellationToken);

    // One process owns the file and this lane is its only reader, so nothing is claimed. The only writer must not wait for a receiver,
    // which may be waiting for it: the rows are read, sent, and only then removed, in a transaction of their own.
    private async Task<OutboxLook> RelayOwnAsync(string destination, int most, CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(db => NextRows(db, destination, most).ToListAsync(cancellationToken), cancellationToken);
        return new OutboxLook(most, rows.Count, await SendAsync(destination, rows, null, cancellationToken));
    }

    private static IQueryable<OutboxRow> NextRows(TContext db, string destination, int most) =>
        db.Outbox.AsNoTracking().Where(r => r.Destination == destination).OrderBy(r => r.Id).Take(most);

    private async Task<int> SendAsync(string destination, List<OutboxRow> rows, TContext? claiming, CancellationToken cancellationToken)
    {
        var batch = Coalesce(rows, options.CurrentValue.MaxMessages);
        if (batch.Count == 0)
        {
            return 0;
        }

        var confirmed = routes.SendAsync(new Envelope(topology.Service, destination, [.. batch.Select(r => r.Payload)]), cancellationToken);
        if (guards.CurrentValue.Confirms)
        {
            await confirmed;
        }
        else
        {
            _ = confirmed.ContinueWith(static late => late.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        traffic.Sent(batch.Sum(r => r.Count));
        CrashPoint.Hit(CrashPoint.AfterSend);

        var ids = batch.Select(r => r.Id).ToList();
        await (claiming is null ? database.WriteAsync(RemoveAsync, CancellationToken.None) : RemoveAsync(claiming));
        return batch.Count;

        Task RemoveAsync(TContext db) =>
            db.Outbox.Where(r => r.Destination == destination && ids.Contains(r.Id)).ExecuteDeleteAsync(CancellationToken.None);
    }

    internal static List<OutboxRow> Coalesce(List<OutboxRow> rows, int maxMessages)
    {
        var messages = 0;
        return [.. rows.TakeWhile((row, index) => (messages += row.Count) <= maxMessages || index == 0)];
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{Destination} did not confirm; again in {Backoff}")]
        public static partial void NotConfirmed(ILogger logger, string destination, TimeSpan backoff, Exception exception);
    }
}
