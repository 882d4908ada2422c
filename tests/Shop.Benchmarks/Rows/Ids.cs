using System.Diagnostics;
using Microsoft.Extensions.Options;
using Shop.Benchmarks.Frame;
using Shop.Benchmarks.Rivals;
using Shop.BuildingBlocks.Ids;

namespace Shop.Benchmarks.Rows;

/// <summary>Ids in a burst and for long, from one thread and from all cores, each looked at: unique, and rising for each thread.</summary>
internal sealed class Ids(TimeProvider clock) : IBenchmark
{
    // 12 bits of sequence for each millisecond: no snowflake lasts longer at more than this.
    private const double LastingLimit = 4_096_000;

    private const int Worker = 1;
    private const int Portion = 64;
    private const int BurstPortion = 2_048;
    private const int Spare = 1_000_000;

    public string Name => "ids";

    public string Question => "Ids for each second: lasting, against the 4.096 million that 12 bits of sequence allow, and in bursts; beside a snowflake with a lock and Guid v7.";

    public async Task<IReadOnlyList<Figure>> RunAsync(Workbench bench, CancellationToken cancellationToken)
    {
        var referee = new Referee(bench, clock);
        var figures = new List<Figure>();
        foreach (var threads in bench.Sized([1, Environment.ProcessorCount], new[] { Environment.ProcessorCount }).Distinct())
        {
            var ours = new SnowflakeIdGenerator(Options.Create(new SnowflakeOptions { WorkerId = Worker }), clock);
            var locked = new LockedSnowflake(Worker, clock);
            figures.AddRange(await referee.RunAsync(
                new Contest($"lasting, {threads} {(threads == 1 ? "thread" : "threads")}", "ids", [Lasting("shop", threads, ours.Next)])
                {
                    Limit = Contender.Known("12 bits a millisecond", LastingLimit),
                    Rivals = [Lasting("snowflake with a lock", threads, locked.Next), Guids(threads)],
                },
                cancellationToken));
        }

        var burst = new SnowflakeIdGenerator(Options.Create(new SnowflakeOptions { WorkerId = Worker }), clock);
        figures.AddRange(await referee.RunAsync(
            new Contest("bursts of 2,048, 1 thread", "ids", [new Contender("shop", (duration, token) => BurstsAsync(burst, duration, token))]), cancellationToken));
        return figures;
    }

    private static Contender Lasting(string name, int threads, Func<long> next)
    {
        long[][] made = [];
        return new Contender(name, async (duration, cancellationToken) =>
        {
            var room = (int)(LastingLimit * duration.TotalSeconds * 1.05) + Spare;
            var counts = new int[threads];
            made = [.. Enumerable.Range(0, threads).Select(_ => GC.AllocateUninitializedArray<long>(room))];
            var started = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, threads).Select(thread => Task.Factory.StartNew(
                () =>
                {
                    var (ids, count) = (made[thread], 0);
                    do
                    {
                        for (var i = 0; i < Portion; i++)
                        {
                            ids[count++] = next();
                        }
                    }
                    while (Stopwatch.GetElapsedTime(started) < duration && count + Portion <= room);

                    counts[thread] = count;
                },
                cancellationToken,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)));
            var took = Stopwatch.GetElapsedTime(started);
            made = [.. made.Select((ids, thread) => ids[..counts[thread]])];
            return new Sample(counts.Sum(count => (long)count), took);
        })
        {
            VerifyAsync = (_, _) => Task.FromResult(Fault(made)),
        };
    }

    // Only the time in which ids are made counts; in between the clock gets its lead back.
    private static async Task<Sample> BurstsAsync(SnowflakeIdGenerator generator, TimeSpan duration, CancellationToken cancellationToken)
    {
        var (busy, count, last) = (TimeSpan.Zero, 0L, 0L);
        var ids = new long[BurstPortion];
        var started = Stopwatch.GetTimestamp();
        do
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), cancellationToken);
            var begun = Stopwatch.GetTimestamp();
            for (var i = 0; i < ids.Length; i++)
            {
                ids[i] = generator.Next();
            }

            busy += Stopwatch.GetElapsedTime(begun);
            count += ids.Length;
            if (ids[0] <= last || Fault([ids]) is not null)
            {
                throw new BenchException("two ids of one generator were equal, or fell");
            }

            last = ids[^1];
        }
        while (Stopwatch.GetElapsedTime(started) < duration);

        return new Sample(count, busy);
    }

    private static Contender Guids(int threads) => new("Guid v7", async (duration, cancellationToken) =>
    {
        var count = 0L;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, threads).Select(_ => Task.Factory.StartNew(
            () =>
            {
                var own = 0L;
                var last = Guid.Empty;
                do
                {
                    for (var i = 0; i < Portion; i++)
                    {
                        var next = Guid.CreateVersion7();
                        own += next != last ? 1 : 0;
                        last = next;
                    }
                }
                while (Stopwatch.GetElapsedTime(started) < duration);

                Interlocked.Add(ref count, own);
            },
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
        return new Sample(count, Stopwatch.GetElapsedTime(started));
    });

    private static string? Fault(IReadOnlyList<long[]> made)
    {
        foreach (var ids in made)
        {
            for (var i = 1; i < ids.Length; i++)
            {
                if (ids[i] <= ids[i - 1])
                {
                    return $"{ids[i]} was made after {ids[i - 1]} by the same thread";
                }
            }
        }

        return made.Count > 1 && Twice(made) is { } id ? $"{id} was made twice" : null;
    }

    // All of them rise, so that one pass over all at once finds what stands in two.
    private static long? Twice(IReadOnlyList<long[]> made)
    {
        var places = new int[made.Count];
        var last = long.MinValue;
        while (true)
        {
            var least = -1;
            for (var i = 0; i < made.Count; i++)
            {
                if (places[i] < made[i].Length && (least < 0 || made[i][places[i]] < made[least][places[least]]))
                {
                    least = i;
                }
            }

            if (least < 0)
            {
                return null;
            }

            var id = made[least][places[least]++];
            if (id == last)
            {
                return id;
            }

            last = id;
        }
    }
}
