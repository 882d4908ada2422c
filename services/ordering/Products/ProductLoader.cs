namespace Shop.Ordering.Products;

/// <summary>Fills the catalogue at start: at once from what was stored, then from inventory as soon as it answers.</summary>
internal sealed partial class ProductLoader(ProductCatalogue catalogue, TimeProvider clock, ILogger<ProductLoader> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await catalogue.RestoreAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await catalogue.RefreshAsync(stoppingToken);
                return;
            }
            catch (Exception exception) when (exception is not OutOfMemoryException && !stoppingToken.IsCancellationRequested)
            {
                // Whatever inventory says, orders are taken with the products that are known here.
                Log.NotYet(logger, exception.Message);
                await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Products are not refreshed yet: {Reason}")]
        public static partial void NotYet(ILogger logger, string reason);
    }
}
