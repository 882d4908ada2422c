using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Ids;
using Shop.UnitTests.Support;

namespace Shop.UnitTests.Ids;

public sealed class SnowflakeIdGeneratorTests
{
    private const int MaxAhead = 10;
    private const int MaxWait = 20;

    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public async Task Millions_of_ids_from_many_threads_are_unique_and_rise_in_each_thread()
    {
        const int Threads = 8;
        const int PerThread = 500_000;
        var ids = Generator(TimeProvider.System);

        var made = await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Factory.StartNew(
            () => Take(ids, PerThread), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        Assert.All(made, AssertRising);
        var all = made.SelectMany(id => id).ToArray();
        Array.Sort(all);
        AssertRising(all);
        Assert.Equal(Threads * PerThread, all.Length);
    }

    [Fact]
    public void Ids_rise_and_stay_near_the_clock_however_the_clock_moves()
    {
        // A day in the life of a clock: moves (mostly forward, or back by up to twice what is refused), each before a burst of ids.
        var move = Gen.Frequency((3, Gen.Choose(0, 40)), (1, Gen.Choose(-2 * (MaxAhead + MaxWait), 0)));
        var burst = Gen.Frequency((4, Gen.Choose(0, 100)), (1, Gen.Choose(0, 3 * MaxAhead * SnowflakeId.MaxSequence)));
        var day = Gen.ListOf(Gen.Zip(move, burst));

        Prop.ForAll(day.ToArbitrary(), steps =>
        {
            var clock = new ManualTimeProvider();
            var ids = Generator(clock);
            long last = 0;
            foreach (var (milliseconds, count) in steps)
            {
                clock.SetUtcNow(clock.GetUtcNow().AddMilliseconds(milliseconds));

                // By the millisecond of the next id, which is a later one where the last has used its own up.
                var behind = SnowflakeId.Decode(last).Time - clock.GetUtcNow() + (SnowflakeId.Decode(last).Sequence == SnowflakeId.MaxSequence ? Millisecond : default);
                if (behind > (MaxAhead + MaxWait + 1) * Millisecond)
                {
                    Assert.InRange(Assert.Throws<ClockMovedBackwardsException>(() => ids.Next()).Behind, behind, behind + Millisecond);
                    continue;
                }

                for (var i = 0; i < count; i++)
                {
                    // Only where it may have to wait does the clock move by itself.
                    clock.AutoAdvance = SnowflakeId.Decode(last).Time - clock.GetUtcNow() >= MaxAhead * Millisecond ? Millisecond : default;
                    var id = ids.Next();
                    clock.AutoAdvance = default;

                    Assert.True(id > last, $"{id} after {last}");
                    Assert.True(SnowflakeId.Decode(id).Time - clock.GetUtcNow() <= MaxAhead * Millisecond, $"{id} is too far ahead");
                    last = id;
                }
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(50));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(682)]
    [InlineData(1023)]
    public void An_id_tells_its_time_and_worker(int worker)
    {
        var id = SnowflakeId.Decode(Generator(_clock, worker).Next());

        Assert.Equal((_clock.GetUtcNow(), worker), (id.Time, id.Worker));
    }

    [Fact]
    public void Workers_never_make_the_same_id_at_the_same_time()
    {
        var ids = Enumerable.Range(0, SnowflakeId.MaxWorker + 1).SelectMany(worker => Take(Generator(_clock, worker), 100)).ToArray();

        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public void A_full_millisecond_borrows_from_the_next_and_says_so()
    {
        var ids = Generator(_clock);

        var made = Take(ids, 2 * (SnowflakeId.MaxSequence + 1));

        AssertRising(made);
        Assert.Equal(_clock.GetUtcNow(), SnowflakeId.Decode(made[0]).Time);
        Assert.InRange(SnowflakeId.Decode(made[^1]).Time - _clock.GetUtcNow(), Millisecond, 2 * Millisecond);
    }

    [Fact]
    public async Task When_all_that_may_be_borrowed_is_gone_the_caller_waits_for_the_clock()
    {
        var ids = Generator(_clock);
        long last = 0;
        while (SnowflakeId.Decode(last) is var id && (id.Time - _clock.GetUtcNow() < MaxAhead * Millisecond || id.Sequence < SnowflakeId.MaxSequence))
        {
            last = ids.Next();
        }

        var next = Task.Run(ids.Next);
        Assert.NotSame(next, await Task.WhenAny(next, Task.Delay(50)));
        _clock.Advance(Millisecond);

        Assert.True(await next.WaitAsync(TimeSpan.FromMinutes(1)) > last);
    }

    [Fact]
    public void A_small_step_back_is_absorbed_without_waiting()
    {
        var ids = Generator(_clock);
        var before = ids.Next();

        _clock.StepBack(MaxAhead * Millisecond);
        var after = ids.Next();

        Assert.Equal(before + 1, after);
    }

    [Fact]
    public async Task A_longer_step_back_is_waited_out()
    {
        var ids = Generator(_clock);
        var before = ids.Next();

        _clock.StepBack((MaxAhead + MaxWait) * Millisecond);
        var after = Task.Run(ids.Next);
        Assert.NotSame(after, await Task.WhenAny(after, Task.Delay(50)));
        _clock.Advance(MaxWait * Millisecond);

        Assert.Equal(before + 1, await after.WaitAsync(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void A_large_step_back_is_refused_until_the_clock_has_caught_up()
    {
        var ids = Generator(_clock);
        var before = ids.Next();

        _clock.StepBack(TimeSpan.FromSeconds(3));
        var refused = Assert.Throws<ClockMovedBackwardsException>(() => ids.Next());
        Assert.Equal(TimeSpan.FromSeconds(3), refused.Behind);
        Assert.Throws<ClockMovedBackwardsException>(() => ids.Next());

        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.True(ids.Next() > before);
    }

    [Fact]
    public void A_step_back_into_a_time_that_made_no_ids_changes_nothing()
    {
        var ids = Generator(_clock);
        ids.Next();

        _clock.Advance(TimeSpan.FromHours(2));
        _clock.StepBack(TimeSpan.FromHours(1));

        Assert.Equal(_clock.GetUtcNow(), SnowflakeId.Decode(ids.Next()).Time);
    }

    [Fact]
    public void A_slow_shop_fills_every_shard()
    {
        var ids = Generator(_clock);
        var shards = new int[16];
        for (var order = 0; order < 1_600; order++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(37));
            shards[ids.Next() % shards.Length]++;
        }

        Assert.All(shards, orders => Assert.InRange(orders, 50, 200));
    }

    [Fact]
    public void A_clock_outside_the_41_bits_makes_no_ids()
    {
        _clock.SetUtcNow(SnowflakeId.Epoch.AddYears(-1));
        Assert.Throws<ClockMovedBackwardsException>(() => Generator(_clock).Next());

        _clock.SetUtcNow(SnowflakeId.End);
        Assert.True(Generator(_clock).Next() > 0);

        _clock.SetUtcNow(SnowflakeId.End + Millisecond);
        Assert.Throws<InvalidOperationException>(() => Generator(_clock).Next());
    }

    [Theory]
    [InlineData("-1", "00:00:00.100")]
    [InlineData("1024", "00:00:00.100")]
    [InlineData("7", "01:00:00")]
    public void Options_out_of_range_are_refused(string worker, string wait)
    {
        using var services = Services(worker, wait);
        Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<SnowflakeIdGenerator>());
    }

    [Fact]
    public void A_registered_generator_reads_its_worker_from_the_configuration()
    {
        using var services = Services("7", "00:00:00.050");
        Assert.Equal(7, SnowflakeId.Decode(services.GetRequiredService<SnowflakeIdGenerator>().Next()).Worker);
    }

    [Fact]
    public void A_negative_number_is_no_snowflake() => Assert.Throws<ArgumentOutOfRangeException>(() => SnowflakeId.Decode(-1));

    private static ServiceProvider Services(string worker, string wait)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Snowflake:WorkerId"] = worker, ["Snowflake:MaxBackwardWait"] = wait })
            .Build();
        return new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddSnowflakeIds(configuration).BuildServiceProvider();
    }

    private static SnowflakeIdGenerator Generator(TimeProvider clock, int worker = 1) => new(
        Options.Create(new SnowflakeOptions { WorkerId = worker, MaxAhead = MaxAhead * Millisecond, MaxBackwardWait = MaxWait * Millisecond }),
        clock);

    private static long[] Take(SnowflakeIdGenerator ids, int count)
    {
        var made = new long[count];
        for (var i = 0; i < count; i++)
        {
            made[i] = ids.Next();
        }

        return made;
    }

    private static void AssertRising(long[] ids)
    {
        for (var i = 1; i < ids.Length; i++)
        {
            Assert.True(ids[i - 1] < ids[i], $"{ids[i - 1]} before {ids[i]}");
        }
    }
}
