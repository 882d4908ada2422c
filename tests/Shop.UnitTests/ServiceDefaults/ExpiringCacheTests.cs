using Shop.ServiceDefaults;

namespace Shop.UnitTests.ServiceDefaults;

public sealed class ExpiringCacheTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    public void An_entry_ends_at_its_time()
    {
        var cache = new ExpiringCache<int, string>(capacity: 10, _clock);
        cache.Set(1, "one", _clock.GetUtcNow().AddSeconds(5));

        Assert.True(cache.TryGet(1, out _));
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.False(cache.TryGet(1, out _));
    }

    [Fact]
    public void It_never_holds_more_than_its_capacity()
    {
        var cache = new ExpiringCache<int, int>(capacity: 100, _clock);
        for (var i = 0; i < 10_000; i++)
        {
            cache.Set(i, i, _clock.GetUtcNow().AddSeconds(5));
            Assert.InRange(cache.Count, 0, 100);
        }

        Assert.True(cache.TryGet(9_999, out _));
    }

    [Fact]
    public void What_has_ended_does_not_stay_until_it_is_full()
    {
        var cache = new ExpiringCache<int, int>(capacity: 10_000, _clock);
        for (var i = 0; i < 5_000; i++)
        {
            cache.Set(i, i, _clock.GetUtcNow().AddSeconds(100)); // 100 are alive
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.InRange(cache.Count, 0, 200);
        }
    }

    [Fact]
    public void What_is_alive_stays_while_there_is_room()
    {
        var cache = new ExpiringCache<int, int>(capacity: 10_000, _clock);
        for (var i = 0; i < 10_000; i++)
        {
            cache.Set(i, i, _clock.GetUtcNow().AddSeconds(5));
        }

        Assert.All(Enumerable.Range(0, 10_000), i => Assert.True(cache.TryGet(i, out _)));
    }

    [Fact]
    public void An_entry_that_was_set_again_lives_on()
    {
        var cache = new ExpiringCache<int, int>(capacity: 100, _clock);
        cache.Set(1, 1, _clock.GetUtcNow().AddSeconds(5));
        cache.Set(1, 2, _clock.GetUtcNow().AddSeconds(50));
        _clock.Advance(TimeSpan.FromSeconds(6));
        for (var i = 2; i < 80; i++)
        {
            cache.Set(i, i, _clock.GetUtcNow().AddSeconds(5));
        }

        Assert.True(cache.TryGet(1, out var value));
        Assert.Equal(2, value);
        Assert.Equal(79, cache.Count);
    }
}
