using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Ids.Segments;
using Shop.UnitTests.Support;

namespace Shop.UnitTests.Ids;

public sealed class SegmentIdGeneratorTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly SegmentIdGenerator _numbers;
    private long _next = 1;
    private int _woken;

    public SegmentIdGeneratorTests() => _numbers = new SegmentIdGenerator(
        "test", new SegmentOptions { MinStep = 10, MaxStep = 40, Lasts = TimeSpan.FromMinutes(1) }, _clock, () => Interlocked.Increment(ref _woken));

    [Fact]
    public void Without_a_segment_there_are_no_numbers_and_one_is_asked_for()
    {
        Assert.Throws<IdsUnavailableException>(() => _numbers.Next());
        Assert.Equal(1, _woken);
    }

    [Fact]
    public void The_reserve_follows_without_a_gap_and_a_new_one_is_asked_for()
    {
        Fill();

        Assert.Equal(Enumerable.Range(1, 15).Select(n => (long)n), Take(15));
        Assert.Equal(1, _woken);
        Assert.True(_numbers.IsHungry);
        Assert.Equal(5, _numbers.Left);
    }

    [Fact]
    public void Both_segments_last_without_the_database_and_no_longer()
    {
        Fill();

        Take(20);
        Assert.Throws<IdsUnavailableException>(() => _numbers.Next());
        Assert.Throws<IdsUnavailableException>(() => _numbers.Next());

        Fill();
        Assert.Equal(21, _numbers.Next());
    }

    [Theory]
    [InlineData(1, 40)] // used up at once: doubled up to the most
    [InlineData(90, 10)] // neither fast nor slow: as it is
    public void The_step_follows_the_pace(int secondsEach, int expected)
    {
        for (var i = 0; i < 6; i++)
        {
            Fill();
            _clock.Advance(TimeSpan.FromSeconds(secondsEach));
            Take((int)_numbers.Left - 1);
        }

        Assert.Equal(expected, _numbers.Step);
    }

    [Fact]
    public void A_step_that_has_grown_shrinks_when_it_is_quiet()
    {
        for (var i = 0; i < 4; i++)
        {
            Fill();
            Take((int)_numbers.Left - 1);
        }

        Assert.Equal(40, _numbers.Step);
        for (var i = 0; i < 4; i++)
        {
            Fill();
            _clock.Advance(TimeSpan.FromMinutes(5));
            Take((int)_numbers.Left - 1);
        }

        Assert.Equal(10, _numbers.Step);
    }

    [Fact]
    public async Task Threads_that_take_at_once_get_different_numbers()
    {
        const int Each = 20_000;
        var taking = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            var made = new List<long>(Each);
            while (made.Count < Each)
            {
                try
                {
                    made.Add(_numbers.Next());
                }
                catch (IdsUnavailableException)
                {
                    Thread.Yield();
                }
            }

            return made;
        })).ToList();
        while (taking.Any(task => !task.IsCompleted))
        {
            Fill();
            await Task.Yield();
        }

        var all = (await Task.WhenAll(taking)).SelectMany(numbers => numbers).Order().ToList();
        Assert.Equal(4 * Each, all.Distinct().Count());
    }

    private void Fill()
    {
        while (_numbers.IsHungry)
        {
            var step = _numbers.Step;
            _numbers.Add(new Segment(_next, _next + step));
            _next += step;
        }
    }

    private long[] Take(int count)
    {
        var made = new long[count];
        for (var i = 0; i < count; i++)
        {
            made[i] = _numbers.Next();
        }

        return made;
    }
}
