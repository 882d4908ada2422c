using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Ids;
using Shop.UnitTests.Support;

namespace Shop.UnitTests.Ids;

/// <summary>What a leased worker id allows: only while it is held, and only within the time that is stored for it.</summary>
public sealed class WorkerGrantTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void Without_a_worker_id_there_are_no_ids()
    {
        var ids = Generator();

        Assert.Throws<IdsUnavailableException>(() => ids.Next());
        Assert.NotNull(ids.Obstacle);
    }

    [Fact]
    public void A_lease_that_may_have_ended_makes_no_ids_and_one_that_is_back_goes_on()
    {
        var held = true;
        var ids = Generator();
        ids.Grant(new WorkerGrant(7, 0, Now + 1_000, () => held));
        var before = ids.Next();

        held = false;
        Assert.Throws<IdsUnavailableException>(() => ids.Next());
        Assert.NotNull(ids.Obstacle);

        held = true;
        Assert.True(ids.Next() > before);
        Assert.Null(ids.Obstacle);
    }

    [Fact]
    public void No_id_is_of_a_time_that_is_not_stored_yet()
    {
        var ids = Generator();
        var grant = new WorkerGrant(7, 0, Now + 5, () => true);
        ids.Grant(grant);

        // Borrowing reaches no further either.
        var last = 0L;
        Assert.Throws<IdsUnavailableException>(TakeAll);
        Assert.True(SnowflakeId.Decode(last).Time < _clock.GetUtcNow().AddMilliseconds(5));

        grant.Extend(Now + 1_000);
        Assert.True(ids.Next() > last);

        void TakeAll()
        {
            while (true)
            {
                last = ids.Next();
            }
        }
    }

    [Fact]
    public void A_clock_that_jumped_past_the_stored_time_makes_no_ids_until_it_is_stored()
    {
        var ids = Generator();
        var grant = new WorkerGrant(7, 0, Now + 1_000, () => true);
        ids.Grant(grant);

        _clock.SetUtcNow(_clock.GetUtcNow().AddHours(1));
        Assert.Throws<IdsUnavailableException>(() => ids.Next());

        grant.Extend(Now + 1_000);
        Assert.Equal(_clock.GetUtcNow(), SnowflakeId.Decode(ids.Next()).Time);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(3_000)]
    public void Who_comes_next_begins_where_the_one_before_may_have_ended(int stepBack)
    {
        // The one before may have made ids up to a moment that this clock has not reached: it went back in between.
        var first = Generator();
        first.Grant(new WorkerGrant(7, 0, Now + 10_000, () => true));
        var newest = Enumerable.Range(0, 5_000).Select(_ => first.Next()).Last();
        var until = first.Revoke();

        _clock.StepBack(TimeSpan.FromMilliseconds(stepBack));
        var second = Generator();
        second.Grant(new WorkerGrant(7, until, Now + 10_000, () => true));

        if (stepBack > 1_000)
        {
            Assert.Throws<ClockMovedBackwardsException>(() => second.Next());
            Assert.NotNull(second.Obstacle);
            _clock.Advance(TimeSpan.FromMilliseconds(stepBack));
        }

        Assert.Null(second.Obstacle);
        Assert.True(second.Next() > newest);
    }

    [Fact]
    public void What_was_given_back_is_not_used_any_more_not_even_by_a_thread_that_was_about_to()
    {
        for (var round = 0; round < 200; round++)
        {
            var ids = Generator();
            ids.Grant(new WorkerGrant(7, 0, Now + 10_000, () => true));
            var (made, newest) = (0, 0L);
            var thread = new Thread(() =>
            {
                try
                {
                    while (true)
                    {
                        newest = ids.Next();
                        if (Interlocked.Increment(ref made) % 1_000 == 0)
                        {
                            _clock.Advance(TimeSpan.FromMilliseconds(1));
                        }
                    }
                }
                catch (IdsUnavailableException)
                {
                    // Given back.
                }
            });
            thread.Start();
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref made) > 10, TimeSpan.FromMinutes(1)));
            var until = ids.Revoke();
            thread.Join();

            Assert.True(SnowflakeId.Decode(newest).Time < SnowflakeId.Epoch.AddMilliseconds(until), $"round {round}");
        }
    }

    [Fact]
    public void Ids_rise_from_one_worker_to_the_next()
    {
        var ids = Generator();
        ids.Grant(new WorkerGrant(900, 0, Now + 10_000, () => true));
        var before = ids.Next();

        ids.Revoke();
        ids.Grant(new WorkerGrant(3, 0, Now + 10_000, () => true));

        Assert.True(ids.Next() > before);
    }

    private long Now => (long)(_clock.GetUtcNow() - SnowflakeId.Epoch).TotalMilliseconds;

    private SnowflakeIdGenerator Generator() => new(
        Options.Create(new SnowflakeOptions { MaxAhead = TimeSpan.FromMilliseconds(10), MaxBackwardWait = TimeSpan.FromMilliseconds(20) }), _clock, grant: null);
}
