using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Discovery;

namespace Shop.UnitTests.Discovery;

public sealed class ConsulClientTests
{
    [Theory]
    [InlineData(0, 7, 7)]
    [InlineData(7, 7, 7)]
    [InlineData(7, 8, 8)]
    [InlineData(7, 3, 0)] // another history: waiting for 7 would miss what happens up to there
    [InlineData(0, 0, 1)] // 0 does not block: waited for, it would spin
    public void The_next_index_is_the_answers_unless_it_went_back(ulong asked, ulong answered, ulong next) =>
        Assert.Equal(next, BlockingIndex.Next(asked, answered));

    [Fact]
    public async Task A_watch_starts_over_after_the_index_went_back_and_after_a_failure()
    {
        var script = new Queue<Func<HttpResponseMessage>>(
        [
            () => StubHandler.Json("\"a\"", 10),
            () => StubHandler.Json("\"b\"", 12),
            () => StubHandler.Json("\"c\"", 3),
            () => StubHandler.Json("\"c\"", 3),
            () => throw new HttpRequestException("refused"),
            () => StubHandler.Json("\"d\"", 5),
        ]);
        var handler = new StubHandler((_, _) => Task.FromResult(script.Dequeue()()));
        using var client = Client(handler);
        var seen = new List<(string? Value, bool WentBack)>();

        await foreach (var answer in client.WatchAsync<string>("kv/x", CancellationToken.None))
        {
            seen.Add((answer.Value, answer.WentBack));
            if (script.Count == 0)
            {
                break;
            }
        }

        Assert.Equal([("a", false), ("b", false), ("c", true), ("c", false), ("d", false)], seen);
        Assert.Equal(["0", "10", "12", "0", "3", "0"], handler.Asked.Select(path => path.Split("index=")[1].Split('&')[0]));
    }

    [Fact]
    public async Task Nothing_is_told_when_a_wait_ends_without_a_change()
    {
        var answers = 0;
        using var client = Client(new StubHandler((_, _) => Task.FromResult(StubHandler.Json("\"a\"", ++answers < 4 ? 10u : 11u))));
        var seen = 0;

        await foreach (var _ in client.WatchAsync<string>("kv/x", CancellationToken.None))
        {
            if (++seen == 2)
            {
                break;
            }
        }

        Assert.Equal(4, answers);
    }

    [Fact]
    public async Task The_token_goes_with_each_request_and_into_no_message()
    {
        var handler = new StubHandler((request, _) => Task.FromResult(
            new HttpResponseMessage(HttpStatusCode.Forbidden) { Content = new StringContent($"Permission denied {request.Headers.GetValues("X-Consul-Token").Single().Length}") }));
        using var client = Client(handler, token: "secret");

        var refusal = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync<string>("kv/x", CancellationToken.None));

        Assert.Equal("Consul answered 403: Permission denied 6", refusal.Message);
    }

    [Fact]
    public async Task Silence_is_a_timeout()
    {
        using var client = Client(new StubHandler(async (_, cancelled) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancelled);
            throw new InvalidOperationException();
        }), patience: TimeSpan.FromMilliseconds(200));

        await Assert.ThrowsAsync<TimeoutException>(() => client.GetAsync<string>("kv/x", CancellationToken.None));
    }

    [Fact]
    public void Pauses_double_up_to_a_bound_and_two_instances_do_not_pause_alike()
    {
        var (one, two) = (Pauses("ordering-1"), Pauses("ordering-2"));

        Assert.Equal(one, Pauses("ordering-1"));
        Assert.NotEqual(one, two);
        Assert.All(one.Zip([1, 2, 4, 8, 10, 10]), pair => Assert.InRange(pair.First.TotalSeconds, pair.Second / 2d, pair.Second));

        static List<TimeSpan> Pauses(string instance)
        {
            var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), new Random(Backoff.SeedOf(instance)));
            return [.. Enumerable.Range(0, 6).Select(_ => backoff.Next())];
        }
    }

    private static ConsulClient Client(HttpMessageHandler handler, string? token = null, TimeSpan? patience = null) => new(
        handler,
        Options.Create(new ConsulOptions { Host = "consul", Token = token, Timeout = patience ?? TimeSpan.FromMinutes(1) }),
        "test-1",
        TimeProvider.System,
        NullLogger<ConsulClient>.Instance);
}
