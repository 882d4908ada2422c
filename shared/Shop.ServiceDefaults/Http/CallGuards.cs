using System.Collections.Concurrent;
using System.Net;
using System.Threading.RateLimiting;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Shop.ServiceDefaults;

/// <summary>What stands between this process and one other service: a bulkhead, retries within a budget, and a breaker for each replica.</summary>
internal sealed class CallGuards : IDisposable
{
    private static readonly ResiliencePropertyKey<TimeSpan> AttemptTimeout = new("shop.attempt-timeout");

    private readonly InternalClientOptions _options;
    private readonly TimeProvider _clock;
    private readonly ResiliencePipeline<HttpResponseMessage> _retries;
    private readonly ConcurrentDictionary<string, ResiliencePipeline<HttpResponseMessage>> _replicas = new();
    private readonly ConcurrencyLimiter _bulkhead;
    private readonly RetryBudget _budget;

    public CallGuards(InternalClientOptions options, TimeProvider clock, Random random)
    {
        (_options, _clock) = (options, clock);
        _budget = new RetryBudget(options.RetryRatio, options.RetryBurst);
        _bulkhead = new ConcurrencyLimiter(new() { PermitLimit = options.MaxConcurrent, QueueLimit = 0 });
        _retries = options.MaxAttempts == 1 ? ResiliencePipeline<HttpResponseMessage>.Empty : Retries(random);
    }

    /// <exception cref="HttpRequestException">Too many calls are under way; this one was not sent.</exception>
    public async Task<HttpResponseMessage> CallAsync(
        bool mayRepeat, Func<CancellationToken, Task<HttpResponseMessage>> call, CancellationToken cancellationToken)
    {
        using var permit = _bulkhead.AttemptAcquire();
        if (!permit.IsAcquired)
        {
            throw new HttpRequestException(HttpRequestError.Unknown, $"{_options.MaxConcurrent} calls are under way already.");
        }

        if (!mayRepeat)
        {
            return await call(cancellationToken);
        }

        _budget.Earn();
        return await _retries.ExecuteAsync(static async (call, token) => await call(token), call, cancellationToken);
    }

    /// <summary>One try on one replica.</summary>
    /// <exception cref="TimeoutException">It took longer than <paramref name="atMost"/>; what became of it is unknown.</exception>
    /// <exception cref="BrokenCircuitException">The replica is left alone for now; the call was not sent.</exception>
    public async Task<HttpResponseMessage> TryAsync(
        string replica, TimeSpan atMost, Func<CancellationToken, Task<HttpResponseMessage>> send, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(AttemptTimeout, atMost);
        try
        {
            return await _replicas.GetOrAdd(replica, _ => Replica())
                .ExecuteAsync(static async (context, send) => await send(context.CancellationToken), context, send);
        }
        catch (TimeoutRejectedException exception)
        {
            throw new TimeoutException($"{replica} did not answer within {atMost}.", exception);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>Forgets what is known of replicas that are gone: their names may come back on another machine.</summary>
    public void Keep(IEnumerable<string> replicas)
    {
        foreach (var gone in _replicas.Keys.Except(replicas))
        {
            _replicas.TryRemove(gone, out _);
        }
    }

    public void Dispose() => _bulkhead.Dispose();

    private ResiliencePipeline<HttpResponseMessage> Retries(Random random) =>
        new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = _clock }
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = _options.MaxAttempts - 1,
                Delay = _options.RetryPause,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Randomizer = random.NextDouble,

                // The last attempt is asked about too, and must not spend what another call could use.
                ShouldHandle = attempt => ValueTask.FromResult(
                    HasFailed(attempt.Outcome) && attempt.AttemptNumber < _options.MaxAttempts - 1 && _budget.TrySpend()),
                OnRetry = attempt =>
                {
                    attempt.Outcome.Result?.Dispose();
                    return default;
                },
            })
            .Build();

    // The timeout inside the breaker: a replica that hangs has failed, a caller who went away has not made it fail.
    private ResiliencePipeline<HttpResponseMessage> Replica()
    {
        var pipeline = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = _clock };
        if (_options.BreakerFailureRatio <= 1)
        {
            pipeline.AddCircuitBreaker(new CircuitBreakerStrategyOptions<HttpResponseMessage>
            {
                FailureRatio = _options.BreakerFailureRatio,
                MinimumThroughput = _options.BreakerMinimumCalls,
                SamplingDuration = _options.BreakerSampling,
                BreakDuration = _options.BreakerPause,
                ShouldHandle = attempt => ValueTask.FromResult(HasFailed(attempt.Outcome)),
            });
        }

        return pipeline
            .AddTimeout(new TimeoutStrategyOptions
            {
                TimeoutGenerator = attempt => ValueTask.FromResult(attempt.Context.Properties.GetValue(AttemptTimeout, _options.AttemptTimeout)),
            })
            .Build();
    }

    private static bool HasFailed(Outcome<HttpResponseMessage> outcome) => outcome.Exception is not null
        ? outcome.Exception is HttpRequestException or TimeoutException or TimeoutRejectedException
        : outcome.Result?.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;
}
