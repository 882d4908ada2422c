using System.Globalization;
using System.Threading.RateLimiting;
using Shop.ServiceDefaults;

namespace Shop.Gateway.Limits;

/// <summary>One policy: so many permits a window for each partition (a session, an address, a name).</summary>
/// <remarks>
/// A partition that is not used for some seconds is forgotten once its window is full again. When the quota is changed, everybody starts with a
/// full window of the new one.
/// </remarks>
internal sealed class Quota(string name, Func<QuotaOptions> options) : IDisposable
{
    public const string PolicyHeader = "RateLimit-Policy";
    public const string StateHeader = "RateLimit";

    // The quota is part of the partition's name: those of an old quota are forgotten like any that nobody uses.
    private readonly PartitionedRateLimiter<Share> _limiter = PartitionedRateLimiter.Create<Share, Share>(share =>
        RateLimitPartition.GetFixedWindowLimiter(share, _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = share.Permits,
            Window = share.Window,
            QueueLimit = 0,
        }));

    /// <summary>Takes one permit and reports what is left in the response's headers; a refusal when none is.</summary>
    public IResult? Take(HttpContext context, string partition)
    {
        var quota = options();
        var share = new Share(partition, quota.Permits, quota.Window);
        using var lease = _limiter.AttemptAcquire(share);
        var left = lease.IsAcquired ? _limiter.GetStatistics(share)?.CurrentAvailablePermits ?? 0 : 0;
        var seconds = (int)quota.Window.TotalSeconds;
        var headers = context.Response.Headers;
        headers.Append(PolicyHeader, string.Create(CultureInfo.InvariantCulture, $"\"{name}\";q={quota.Permits};w={seconds}"));
        headers.Append(StateHeader, string.Create(CultureInfo.InvariantCulture, $"\"{name}\";r={left};t={seconds}"));
        return lease.IsAcquired ? null : Problems.QuotaExceeded(quota.Window);
    }

    public void Dispose() => _limiter.Dispose();

    private readonly record struct Share(string Partition, int Permits, TimeSpan Window);
}
