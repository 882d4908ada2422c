using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Shop.ServiceDefaults;

namespace Shop.Payments.Customers;

/// <summary>Lets only so many requests compute a password hash at once; a few wait, and the rest is told at once to come back.</summary>
/// <remarks>Without it a handful of callers with wrong passwords would take the cores away from everybody's orders.</remarks>
internal sealed class PasswordPermits(IOptions<PasswordOptions> options) : IDisposable
{
    private readonly ConcurrencyLimiter _permits = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = options.Value.MaxConcurrent > 0 ? options.Value.MaxConcurrent : Environment.ProcessorCount,
        QueueLimit = options.Value.MaxWaiting,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    public async ValueTask<object?> RunAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        using var permit = await _permits.AcquireAsync(permitCount: 1, context.HttpContext.RequestAborted);
        return permit.IsAcquired ? await next(context) : Problems.Overloaded();
    }

    public void Dispose() => _permits.Dispose();
}
