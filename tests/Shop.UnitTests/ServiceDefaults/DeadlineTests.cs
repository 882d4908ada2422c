using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Shop.ServiceDefaults;
using Shop.UnitTests.Support;

namespace Shop.UnitTests.ServiceDefaults;

public sealed class DeadlineTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void What_is_left_shrinks_with_time_and_is_never_negative()
    {
        var deadline = new Deadline(_clock, TimeSpan.FromMilliseconds(1500));
        _clock.Advance(TimeSpan.FromMilliseconds(600.4));
        Assert.Equal("899", deadline.ToString());

        _clock.Advance(TimeSpan.FromSeconds(5));

        Assert.True(deadline.HasPassed);
        Assert.Equal("0", deadline.ToString());
    }

    [Fact]
    public void A_clock_on_the_wall_that_is_set_changes_nothing()
    {
        var deadline = new Deadline(_clock, TimeSpan.FromSeconds(2));

        _clock.SetUtcNow(_clock.GetUtcNow().AddHours(1));

        Assert.Equal(TimeSpan.FromSeconds(2), deadline.Remaining);
    }

    [Fact]
    public void A_call_gets_what_its_caller_has_left_or_its_own_time_whichever_is_less()
    {
        var inherited = new Deadline(_clock, TimeSpan.FromSeconds(3));
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(TimeSpan.FromSeconds(2), Deadline.Earlier(new Deadline(_clock, TimeSpan.FromSeconds(5)), inherited).Remaining);
        Assert.Equal(TimeSpan.FromSeconds(1), Deadline.Earlier(new Deadline(_clock, TimeSpan.FromSeconds(1)), inherited).Remaining);
        Assert.Equal(TimeSpan.FromSeconds(5), Deadline.Earlier(new Deadline(_clock, TimeSpan.FromSeconds(5)), null).Remaining);
    }

    [Theory]
    [InlineData("250", 250)]
    [InlineData("0", 0)]
    [InlineData("-5", null)]
    [InlineData("1e3", null)]
    [InlineData("3600001", null)]
    [InlineData("unlimited", null)]
    [InlineData(null, null)]
    public void A_header_that_makes_no_sense_is_no_deadline(string? header, int? milliseconds) =>
        Assert.Equal(milliseconds, (int?)Deadline.Parse(header, _clock)?.Remaining.TotalMilliseconds);

    [Fact]
    public async Task A_request_is_cancelled_when_its_time_has_passed_and_its_outcome_called_unknown()
    {
        var context = Context("1000");
        var working = new TaskCompletionSource();
        var middleware = new DeadlineMiddleware(
            async http =>
            {
                working.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, http.RequestAborted);
            },
            _clock,
            NullLogger<DeadlineMiddleware>.Instance);

        var answer = middleware.InvokeAsync(context);
        await working.Task;
        _clock.Advance(TimeSpan.FromSeconds(1));
        await answer.WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(StatusCodes.Status503ServiceUnavailable, context.Response.StatusCode);
        Assert.False(context.RequestAborted.IsCancellationRequested);
    }

    [Fact]
    public async Task Work_that_ends_quietly_because_it_was_cancelled_is_no_success()
    {
        var context = Context("1000");
        var middleware = new DeadlineMiddleware(
            http =>
            {
                _clock.Advance(TimeSpan.FromSeconds(1));
                Assert.True(http.RequestAborted.IsCancellationRequested);
                return Task.CompletedTask;
            },
            _clock,
            NullLogger<DeadlineMiddleware>.Instance);

        await middleware.InvokeAsync(context);

        Assert.Equal(StatusCodes.Status503ServiceUnavailable, context.Response.StatusCode);
    }

    [Fact]
    public async Task A_list_that_was_cut_off_by_its_deadline_does_not_look_complete()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.UseMiddleware<DeadlineMiddleware>(_clock);
        app.MapGet("/", (CancellationToken cancellationToken) => EndlessAsync(cancellationToken));
        await app.StartAsync();
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, app.Urls.Single());
        request.Headers.Add(ShopHeaders.Deadline, "1000");
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        _clock.Advance(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => response.Content.ReadAsStringAsync().WaitAsync(TimeSpan.FromMinutes(1)));

        static async IAsyncEnumerable<string> EndlessAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var large = new string('x', 100_000);
            while (true)
            {
                yield return large;
                await Task.Delay(10, cancellationToken);
            }
        }
    }

    [Fact]
    public async Task A_request_that_comes_too_late_is_not_worked_on()
    {
        var context = Context("0");
        var worked = false;

        await new DeadlineMiddleware(
            _ =>
            {
                worked = true;
                return Task.CompletedTask;
            },
            _clock,
            NullLogger<DeadlineMiddleware>.Instance).InvokeAsync(context);

        Assert.Equal((StatusCodes.Status503ServiceUnavailable, false), (context.Response.StatusCode, worked));
    }

    [Fact]
    public async Task Without_a_deadline_nothing_is_different()
    {
        var context = Context(null);
        var aborted = context.RequestAborted;
        CancellationToken seen = default;

        await new DeadlineMiddleware(
            http =>
            {
                seen = http.RequestAborted;
                return Task.CompletedTask;
            },
            _clock,
            NullLogger<DeadlineMiddleware>.Instance).InvokeAsync(context);

        Assert.Equal(aborted, seen);
    }

    private static DefaultHttpContext Context(string? deadline) => new()
    {
        Request = { Headers = { [ShopHeaders.Deadline] = deadline } },
        RequestServices = new ServiceCollection().AddLogging().BuildServiceProvider(),
    };
}
