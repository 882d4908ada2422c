using System.Globalization;
using System.Threading.RateLimiting;
using Shop.ServiceDefaults;

namespace Shop.Gateway.Limits;

/// <summary>One policy: so many permits a window for each partition (a session, an address, a name).</summary>
/// <remarks>A partition that is not used for some seconds is forgotten once its window is full again.</remarks>
internal sealed class Quota(string name, QuotaOptions options) : IDisposable
{
    public const string PolicyHeader = "RateLimit-Policy";
    public const string StateHeader = "RateLimit";

    private readonly string _policy = string.Create(
        CultureInfo.InvariantCulture, $"\"{name}\";q={options.Permits};w={(int)options.Window.TotalSeconds}");

    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(partition =>
        RateLimitPartition.GetFixedWindowLimiter(partition, _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = options.Permits,
            Window = options.Window,
            QueueLimit = 0,
        }));

    /// <summary>Takes one permit and reports what is left in the response's headers; a refusal when none is.</summary>
    public IResult? Take(HttpContext context, string partition)
    {
        using var lease = _limiter.AttemptAcquire(partition);
        var left = lease.IsAcquired ? _limiter.GetStatistics(partition)?.CurrentAvailablePermits ?? 0 : 0;
        var headers = context.Response.Headers;
        headers.Append(PolicyHeader, _policy);
        headers.Append(StateHeader, string.Create(CultureInfo.InvariantCulture, $"\"{name}\";r={left};t={(int)options.Window.TotalSeconds}"));
        return lease.IsAcquired ? null : Problems.QuotaExceeded(options.Window);
    }

    public void Dispose() => _limiter.Dispose();
}
