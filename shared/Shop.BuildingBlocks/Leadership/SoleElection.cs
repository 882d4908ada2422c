using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Discovery;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Leadership;

/// <summary>The one process over its database leads every duty, from its start to its end.</summary>
/// <remarks>It still begins an epoch, so that whoever wrote before and was not quite dead is refused.</remarks>
internal sealed partial class SoleElection<TContext>(
    Leaders leaders,
    EpochFence<TContext> fence,
    IOptions<ConsulDiscoveryOptions> self,
    TimeProvider clock,
    ILogger<SoleElection<TContext>> logger) : BackgroundService
    where TContext : ShopDbContext
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _over = new();

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await _over.CancelAsync();
        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _over.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var duty in leaders.Duties)
        {
            await BeginAsync(duty, stoppingToken);
        }
    }

    private async Task BeginAsync(string duty, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await fence.BeginAsync(duty, self.Value.InstanceId, () => true, stoppingToken) is var (epoch, since))
                {
                    leaders.Begin(new Lead(duty, epoch, since, () => true, _over.Token));
                    return;
                }
            }
            catch (Exception exception) when (exception is not OutOfMemoryException && !stoppingToken.IsCancellationRequested)
            {
                Log.NotBegun(logger, duty, exception.Message);
                await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The epoch of {Duty} could not be begun; again soon: {Reason}")]
        public static partial void NotBegun(ILogger logger, string duty, string reason);
    }
}
