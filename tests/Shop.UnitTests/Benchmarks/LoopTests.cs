using Shop.Benchmarks.Load;

namespace Shop.UnitTests.Benchmarks;

/// <summary>An open loop counts from the time at which a request was due; a closed one counts what succeeded.</summary>
public sealed class LoopTests
{
    // One caller, a request due each 10 ms, and each takes 30 ms: the last of ten ends at least 300 ms after the first was due, and 90 ms were its own.
    [Fact]
    public async Task Waiting_to_be_sent_is_part_of_the_latency()
    {
        var sample = await OpenLoop.RunAsync(100, callers: 1, TimeSpan.FromMilliseconds(100), SlowAsync, CancellationToken.None);

        Assert.Equal(10, sample.Operations);
        Assert.True(sample.Latency!.Milliseconds(1) > 150);

        static async ValueTask<string?> SlowAsync(int caller)
        {
            await Task.Delay(30);
            return null;
        }
    }

    [Fact]
    public async Task A_rate_of_less_than_one_in_the_time_is_one()
    {
        var sample = await OpenLoop.RunAsync(1, callers: 4, TimeSpan.FromMilliseconds(10), _ => ValueTask.FromResult<string?>(null), CancellationToken.None);

        Assert.Equal(1, sample.Operations);
    }

    [Fact]
    public async Task What_failed_is_counted_by_its_name_and_not_as_work()
    {
        var asked = 0;
        var sample = await OpenLoop.RunAsync(
            1_000, callers: 1, TimeSpan.FromMilliseconds(10), _ => ValueTask.FromResult(++asked % 2 == 0 ? "refused" : null), CancellationToken.None);

        Assert.Equal(5, sample.Operations);
        Assert.Equal(5, sample.Others["refused"].Count);
        Assert.Equal(5, sample.Latency!.Count);
    }

    [Fact]
    public async Task In_a_closed_loop_whoever_comes_late_asks_once_all_the_same()
    {
        var sample = await ClosedLoop.RunAsync(3, TimeSpan.Zero, _ => ValueTask.FromResult<string?>(null), CancellationToken.None);

        Assert.Equal(3, sample.Operations);
    }

    [Fact]
    public async Task A_closed_loop_asks_until_its_time_is_over()
    {
        var time = TimeSpan.FromMilliseconds(300);
        var asked = 0;
        var sample = await ClosedLoop.RunAsync(3, time, async _ =>
        {
            Interlocked.Increment(ref asked);
            await Task.Delay(1);
            return null;
        }, CancellationToken.None);

        Assert.True(sample.Took >= time);
        Assert.Equal(asked, sample.Operations);
        Assert.Equal(asked, sample.Latency!.Count);
    }
}
