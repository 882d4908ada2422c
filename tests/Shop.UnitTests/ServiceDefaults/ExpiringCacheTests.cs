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
}
