using System.Net;
using Polly.CircuitBreaker;
using Shop.ServiceDefaults;
using Shop.UnitTests.Support;

namespace Shop.UnitTests.ServiceDefaults;

public sealed class CallGuardsTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly InternalClientOptions _options = new() { RetryPause = TimeSpan.Zero };

    [Fact]
    public void A_budget_lets_through_what_was_saved_and_then_a_share_of_the_calls()
    {
        var budget = new RetryBudget(ratio: 0.1, burst: 3);
        var retries = 0;
        for (var call = 0; call < 1000; call++)
        {
            budget.Earn();
            retries += budget.TrySpend() ? 1 : 0;
            retries += budget.TrySpend() ? 1 : 0; // it would like to try three times, each time
        }

        Assert.InRange(retries, 100, 103);
    }

    [Fact]
    public async Task A_service_that_always_fails_gets_a_tenth_more_and_not_three_times_as_many()
    {
        using var guards = Guards();
        var sent = 0;
        for (var call = 0; call < 500; call++)
        {
            using var response = await guards.CallAsync(mayRepeat: true, _ => Answer(HttpStatusCode.ServiceUnavailable, () => sent++), default);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        }

        Assert.InRange(sent, 500, 500 + 50 + _options.RetryBurst);
    }

    [Theory]
    [InlineData(true, 3)]
    [InlineData(false, 1)]
    public async Task Only_what_may_be_repeated_is_repeated(bool mayRepeat, int attempts)
    {
        using var guards = Guards();
        var sent = 0;

        await Assert.ThrowsAsync<TimeoutException>(() => guards.CallAsync(mayRepeat, Fail, default));

        Assert.Equal(attempts, sent);

        Task<HttpResponseMessage> Fail(CancellationToken cancellationToken)
        {
            sent++;
            throw new TimeoutException();
        }
    }

    [Fact]
    public void What_says_so_may_be_repeated_and_a_plain_POST_may_not()
    {
        using var get = new HttpRequestMessage(HttpMethod.Get, "/");
        using var post = new HttpRequestMessage(HttpMethod.Post, "/");
        using var keyed = new HttpRequestMessage(HttpMethod.Post, "/") { Headers = { { ShopHeaders.IdempotencyKey, "k" } } };
        using var marked = new HttpRequestMessage(HttpMethod.Post, "/").MarkIdempotent();

        Assert.Equal([true, false, true, true], new[] { get, post, keyed, marked }.Select(request => request.IsIdempotent()));
    }

    [Fact]
    public async Task A_replica_that_fails_is_left_alone_and_its_neighbour_is_not_and_later_it_is_tried_again()
    {
        using var guards = Guards();
        for (var call = 0; call < _options.BreakerMinimumCalls; call++)
        {
            (await guards.TryAsync("one", TimeSpan.FromSeconds(1), _ => Answer(HttpStatusCode.BadGateway), default)).Dispose();
        }

        await Assert.ThrowsAsync<BrokenCircuitException>(() => guards.TryAsync("one", TimeSpan.FromSeconds(1), _ => Answer(HttpStatusCode.OK), default));
        (await guards.TryAsync("two", TimeSpan.FromSeconds(1), _ => Answer(HttpStatusCode.OK), default)).Dispose();

        _clock.Advance(_options.BreakerPause + TimeSpan.FromSeconds(1));
        (await guards.TryAsync("one", TimeSpan.FromSeconds(1), _ => Answer(HttpStatusCode.OK), default)).Dispose();
    }

    [Fact]
    public async Task A_replica_that_hangs_has_failed_and_a_caller_that_leaves_has_not_made_it_fail()
    {
        using var guards = Guards();
        for (var call = 0; call < _options.BreakerMinimumCalls; call++)
        {
            using var caller = new CancellationTokenSource();
            var left = guards.TryAsync("one", TimeSpan.FromSeconds(1), Hang, caller.Token);
            await caller.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        }

        for (var call = 0; call < _options.BreakerMinimumCalls * 2; call++)
        {
            var hung = guards.TryAsync("one", TimeSpan.FromSeconds(1), Hang, default);
            _clock.Advance(TimeSpan.FromSeconds(1));
            var outcome = await Record.ExceptionAsync(() => hung.WaitAsync(TimeSpan.FromMinutes(1)));
            if (call < _options.BreakerMinimumCalls)
            {
                Assert.IsType<TimeoutException>(outcome);
            }
            else
            {
                Assert.IsType<BrokenCircuitException>(outcome);
            }
        }
    }

    [Fact]
    public async Task A_slow_service_holds_no_more_calls_than_the_bulkhead_lets_in()
    {
        _options.MaxConcurrent = 2;
        using var guards = Guards();
        var slow = new TaskCompletionSource<HttpResponseMessage>();
        var first = guards.CallAsync(mayRepeat: true, _ => slow.Task, default);
        var second = guards.CallAsync(mayRepeat: true, _ => slow.Task, default);

        await Assert.ThrowsAsync<HttpRequestException>(() => guards.CallAsync(mayRepeat: true, _ => Answer(HttpStatusCode.OK), default));
        slow.SetResult(new HttpResponseMessage());
        await Task.WhenAll(first, second);

        (await guards.CallAsync(mayRepeat: true, _ => Answer(HttpStatusCode.OK), default)).Dispose();
    }

    private static async Task<HttpResponseMessage> Hang(CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        throw new InvalidOperationException();
    }

    private static Task<HttpResponseMessage> Answer(HttpStatusCode status, Action? sent = null)
    {
        sent?.Invoke();
        return Task.FromResult(new HttpResponseMessage(status));
    }

    private CallGuards Guards() => new(_options, _clock, new Random(1));
}
