using System.Threading.RateLimiting;

namespace Shop.Gateway.Limits;

/// <summary>Counts in this process.</summary>
/// <remarks>A partition that is not used for some seconds is forgotten once its window is full again.</remarks>
internal sealed class LocalPermits(QuotaOptions options) : IPermits
{
    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(partition =>
        RateLimitPartition.GetFixedWindowLimiter(partition, _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = options.Permits,
            Window = options.Window,
            QueueLimit = 0,
        }));

    public ValueTask<Permit> TakeAsync(string partition, CancellationToken cancellationToken)
    {
        using var lease = _limiter.AttemptAcquire(partition);
        var left = lease.IsAcquired ? _limiter.GetStatistics(partition)?.CurrentAvailablePermits ?? 0 : 0;
        return ValueTask.FromResult(new Permit(lease.IsAcquired, left, options.Window));
    }

    public void Dispose() => _limiter.Dispose();
}
