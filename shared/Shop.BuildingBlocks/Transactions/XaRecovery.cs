using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Transactions;

/// <summary>Ends prepared transactions whose coordinator did not come back: asks the log of decisions and does what it says.</summary>
/// <remarks>While the log cannot be read a branch stays in doubt with its locks, and an operator sees it: that is the price of two-phase commit.</remarks>
internal sealed partial class XaRecovery<TContext>(
    XaBranches<TContext> branches,
    IDecisions decisions,
    IOptions<ParticipantOptions> options,
    TimeProvider clock,
    ILogger<XaRecovery<TContext>> logger) : BackgroundService
    where TContext : ShopDbContext
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.RecoveryInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RunOnceAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException && !stoppingToken.IsCancellationRequested)
            {
                Log.Failed(logger, exception.Message);
            }
        }
    }

    internal async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var inDoubt = (await branches.ListAsync(cancellationToken)).Where(b => now - b.PreparedAt >= options.Value.InDoubtAfter).ToList();
        if (inDoubt.Count == 0)
        {
            return 0;
        }

        foreach (var (orderId, commit) in await decisions.ResolveAsync([.. inDoubt.Select(b => b.Name.OrderId)], cancellationToken))
        {
            await (commit ? branches.CommitAsync(orderId, cancellationToken) : branches.RollBackAsync(orderId, cancellationToken));
            Log.Recovered(logger, orderId, commit ? "committed" : "rolled back");
        }

        return inDoubt.Count;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The branch of order {OrderId} was in doubt and is {Outcome}")]
        public static partial void Recovered(ILogger logger, long orderId, string outcome);

        [LoggerMessage(LogLevel.Warning, "Branches in doubt stay so for now: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
