using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Shop.Benchmarks.Frame;
using Shop.Benchmarks.Load;
using Shop.Benchmarks.Rivals;
using Shop.BuildingBlocks.Locks;
using Shop.BuildingBlocks.Redis;
using Shop.Lab.Cluster;
using Shop.Lab.Locks;

namespace Shop.Benchmarks.Rows;

/// <summary>A lock that nobody competes for, acquired and given back.</summary>
internal sealed class Redlock(TimeProvider clock) : IBenchmark
{
    private const int Nodes = 5;
    private const int ManyCallers = 32;
    private const long Lifetime = 10_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public string Name => "redlock";

    public string Question => "A lock and its release by Redlock of 3 and 5 nodes with fsync, against SET NX and DEL on one of them, which is all that there is to Redlock of 1; beside PostgreSQL's advisory lock, by pgbench on kept connections and by the shop on one for each lock.";

    public async Task<IReadOnlyList<Figure>> RunAsync(Workbench bench, CancellationToken cancellationToken)
    {
        var cluster = await bench.ClusterAsync(
            options => options with { Parts = ClusterParts.Postgres | ClusterParts.Locks | ClusterParts.Consul, LockNodes = Nodes }, cancellationToken);
        await using var three = new LockHost(bench, LocksRun.HostOf(LockProviders.Redlock, cluster.Connections, 3));
        await using var five = new LockHost(bench, LocksRun.HostOf(LockProviders.Redlock, cluster.Connections, Nodes));
        await using var advisory = new LockHost(bench, LocksRun.HostOf(LockProviders.PostgresAdvisory, cluster.Connections, most: ManyCallers));
        await using var bare = RedisBench.Connect(cluster.Connections.Locks[0]);
        var figures = new List<Figure>();
        foreach (var callers in bench.Sized<int[]>([1, ManyCallers], [ManyCallers]))
        {
            figures.AddRange(await new Referee(bench, clock).RunAsync(
                new Contest($"{callers} {(callers == 1 ? "caller" : "callers")}", "locks", [Ours("Redlock of 3", three, callers), Ours("Redlock of 5", five, callers)])
                {
                    Limit = new Contender("SET NX and DEL, 1 node", (duration, token) => ClosedLoop.RunAsync(callers, duration, caller => BareAsync(bare, caller, token), token))
                    {
                        VerifyAsync = PageReaders.AllAnsweredAsync,
                    },
                    Rivals =
                    [
                        Ours("shop's lock in PostgreSQL", advisory, callers),
                        new Contender("pgbench, advisory lock", (duration, token) =>
                            new Pgbench(cluster, "postgres").RunAsync("advisory-lock.pgbench", callers, duration, simple: false, token)) { SettlesAfter = 0 },
                        RedisBench.Lock(cluster, callers, Lifetime),
                    ],
                },
                cancellationToken));
        }

        return figures;
    }

    private static Contender Ours(string name, LockHost host, int callers) => new(
        name, (duration, token) => ClosedLoop.RunAsync(callers, duration, caller => RoundAsync(host.Locks, caller, token), token))
    {
        VerifyAsync = PageReaders.AllAnsweredAsync,
    };

    private static async ValueTask<string?> RoundAsync(ILocks locks, int caller, CancellationToken cancellationToken)
    {
        var held = await locks.TryAcquireAsync($"bench-{caller}", Patience, cancellationToken);
        if (held is null)
        {
            return "not acquired";
        }

        await held.DisposeAsync();
        return null;
    }

    private static async ValueTask<string?> BareAsync(RedisConnection redis, int caller, CancellationToken cancellationToken)
    {
        var key = $"bench:{caller}";
        var set = await redis.ExecuteAsync(database => database.ExecuteAsync("SET", key, 1, "NX", "PX", Lifetime), cancellationToken);
        await redis.ExecuteAsync(database => database.KeyDeleteAsync(key), cancellationToken);
        return set.IsNull ? "not acquired" : null;
    }

    private sealed class LockHost : IAsyncDisposable
    {
        private readonly IHost _host;

        public LockHost(Workbench bench, IHost host)
        {
            _host = host;
            if (bench.Options.Smoke)
            {
                // What becomes of a lock while a disk or this process stalls is no question here.
                var options = host.Services.GetRequiredService<IOptions<LockOptions>>().Value;
                (options.NodeTimeout, options.TimeToLive) = (TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1));
            }

            Locks = host.Services.GetRequiredService<ILocks>();
        }

        public ILocks Locks { get; }

        public ValueTask DisposeAsync() => ((IAsyncDisposable)_host).DisposeAsync();
    }
}
