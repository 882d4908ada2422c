namespace Shop.UnitTests.Support;

public sealed class ManualTimeProviderTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void Both_clocks_stand_still_until_time_is_advanced()
    {
        var (wall, stopwatch) = (_clock.GetUtcNow(), _clock.GetTimestamp());
        Assert.Equal((wall, stopwatch), (_clock.GetUtcNow(), _clock.GetTimestamp()));

        _clock.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(wall.AddSeconds(3), _clock.GetUtcNow());
        Assert.Equal(TimeSpan.FromSeconds(3), _clock.GetElapsedTime(stopwatch));
    }

    [Fact]
    public void Setting_the_wall_clock_lets_no_time_pass()
    {
        var fired = 0;
        using var timer = _clock.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        var stopwatch = _clock.GetTimestamp();

        _clock.SetUtcNow(_clock.GetUtcNow().AddDays(1));

        Assert.Equal(TimeSpan.Zero, _clock.GetElapsedTime(stopwatch));
        Assert.Equal(0, fired);
    }

    [Fact]
    public void Timers_fire_in_their_order_at_their_own_time()
    {
        var start = _clock.GetUtcNow();
        var fired = new List<(string Name, double Seconds)>();
        using var slow = Timer("slow", due: 5, period: Timeout.InfiniteTimeSpan);
        using var fast = Timer("fast", due: 2, period: TimeSpan.FromSeconds(2));
        using var gone = Timer("gone", due: 1, period: Timeout.InfiniteTimeSpan);
        gone.Dispose();

        _clock.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal([("fast", 2), ("fast", 4), ("slow", 5), ("fast", 6)], fired);

        ITimer Timer(string name, int due, TimeSpan period) => _clock.CreateTimer(
            _ => fired.Add((name, (_clock.GetUtcNow() - start).TotalSeconds)), null, TimeSpan.FromSeconds(due), period);
    }

    [Fact]
    public async Task A_delay_ends_when_its_time_has_passed()
    {
        var delay = Task.Delay(TimeSpan.FromSeconds(10), _clock);
        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.False(delay.IsCompleted);

        _clock.Advance(TimeSpan.FromSeconds(1));

        await delay.WaitAsync(TimeSpan.FromMinutes(1));
    }
}
