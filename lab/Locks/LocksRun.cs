using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Discovery;
using Shop.BuildingBlocks.Locks;
using Shop.BuildingBlocks.Redis;
using Shop.Contracts;
using Shop.Lab.Cluster;
using Shop.Lab.Cluster.Model;

namespace Shop.Lab.Locks;

/// <summary>One after the other in each round, so that a machine that gets slower slows all of them. Nobody competes for the lock.</summary>
internal static class LocksRun
{
    private const int WarmUp = 20;
    private const string Resource = "measured";
    private const string BareKey = "shop/locks/bare";

    private static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(10);

    // As the code makes them. A connection to PostgreSQL is made for each lock: one to open it, four to log in with SCRAM.
    private static readonly (string Provider, string RoundTrips)[] Backends =
    [
        (LockProviders.Process, "0 + 0"),
        (LockProviders.Redlock, "1 + 1"),
        (LockProviders.PostgresAdvisory, "5 + 3 + 0"),
        (LockProviders.PostgresRow, "5 + 4 + 0"),
        (LockProviders.Consul, "2 + 2"),
    ];

    public static async Task<IReadOnlyList<LockCost>> RunAsync(Connections connections, int rounds, CancellationToken cancellationToken)
    {
        await using var bare = new RedisConnection(
            Options.Create(new RedisOptions { ConnectionString = connections.Locks[0] }), NullLogger<RedisConnection>.Instance);
        var costs = new List<(LockCost Cost, Func<LockCost?, Task> Round)> { (new LockCost("bare SET NX", "1 + 1", [], []), cost => BareAsync(bare, cost, cancellationToken)) };
        var hosts = new List<IHost>();
        try
        {
            foreach (var (provider, roundTrips) in Backends)
            {
                hosts.Add(HostOf(provider, connections)); // never started: it is here for what it makes
                var locks = hosts[^1].Services.GetRequiredService<ILocks>();
                costs.Add((new LockCost(provider, roundTrips, [], []), cost => RoundAsync(locks, cost, cancellationToken)));
            }

            for (var round = -WarmUp; round < rounds; round++)
            {
                foreach (var (cost, run) in costs)
                {
                    await run(round < 0 ? null : cost);
                }
            }
        }
        finally
        {
            foreach (var host in hosts)
            {
                await ((IAsyncDisposable)host).DisposeAsync();
            }
        }

        return [.. costs.Select(entry => entry.Cost)];
    }

    private static async Task RoundAsync(ILocks locks, LockCost? cost, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var held = await locks.TryAcquireAsync(Resource, TimeToLive, cancellationToken)
            ?? throw new ClusterException("somebody else measures on this cluster");
        cost?.Acquired.Add(Stopwatch.GetElapsedTime(started));
        started = Stopwatch.GetTimestamp();
        await held.DisposeAsync();
        cost?.Released.Add(Stopwatch.GetElapsedTime(started));
    }

    private static async Task BareAsync(RedisConnection redis, LockCost? cost, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        await redis.ExecuteAsync(database => database.ExecuteAsync("SET", BareKey, 1, "NX", "PX", (long)TimeToLive.TotalMilliseconds), cancellationToken);
        cost?.Acquired.Add(Stopwatch.GetElapsedTime(started));
        started = Stopwatch.GetTimestamp();
        await redis.ExecuteAsync(database => database.KeyDeleteAsync(BareKey), cancellationToken);
        cost?.Released.Add(Stopwatch.GetElapsedTime(started));
    }

    /// <summary>Never to be started: it is there for the <see cref="ILocks"/> that it makes.</summary>
    /// <param name="nodes">How many of the lock nodes are asked; all of them where not given.</param>
    /// <param name="most">How many locks of PostgreSQL may be held at once.</param>
    public static IHost HostOf(string provider, Connections connections, int? nodes = null, int? most = null)
    {
        var agent = connections.Consul[0];
        var settings = new Dictionary<string, string?>
        {
            ["Locks:Provider"] = provider,
            ["Consul:Host"] = agent.Host,
            ["Consul:Port"] = $"{agent.Port}",
            ["Consul:Token"] = $"{connections.Secrets.ConsulServiceToken}",
        };
        if (provider != LockProviders.Process)
        {
            settings["Database:Provider"] = "Postgres";
            settings["Database:ConnectionString"] = connections.Database(ServiceNames.Inventory);
        }

        if (most is not null)
        {
            settings["Locks:MaxConnections"] = $"{most}";
        }

        foreach (var (index, node) in connections.Locks.Take(nodes ?? connections.Locks.Count).Index())
        {
            settings[$"Locks:Nodes:{index}"] = node;
        }

        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddDiscovery("lab", "lab");
        builder.AddLocks();
        return builder.Build();
    }
}
