using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Shop.Benchmarks.Frame;
using Shop.BuildingBlocks.Redis;
using Shop.Lab.Cluster;
using Shop.Lab.Cluster.Processes;
using Shop.Lab.Cluster.Servers;
using StackExchange.Redis;

namespace Shop.Benchmarks.Rivals;

/// <summary>redis-benchmark against the cluster's Redis servers. Those for locks have each command on disk before they answer.</summary>
internal static partial class RedisBench
{
    // redis-benchmark counts requests and not seconds: few at first, then as many as fit by the last rate.
    private const int GuessPerSecond = 2_000;

    private const int SessionBytes = 200;
    private const long Pieces = 1_000_000_000_000;

    // Holds a piece where one is left.
    private const string Reserve = "local left = redis.call('DECR', KEYS[1]) if left < 0 then redis.call('INCR', KEYS[1]) return 0 end return 1";

    // As long as an answer may be waited for.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>For what is asked by this process: an answer that is late, because a disk is, must not end the suite.</summary>
    public static RedisConnection Connect(string server) => new(
        Options.Create(new RedisOptions { ConnectionString = server, OperationTimeout = Patience }),
        NullLogger<RedisConnection>.Instance);

    public static async Task<Contender> ReserveAsync(ShopCluster cluster, int clients, CancellationToken cancellationToken)
    {
        const string Key = "bench:stock";
        await AskAsync(cluster.Connections.Locks[0], redis => redis.StringSetAsync(Key, Pieces), cancellationToken);
        return Command("Redis script, fsync always", cluster.Connections.Ports.Lock(1), cluster.Secrets.Locks, clients, "EVAL", Reserve, "1", Key) with
        {
            VerifyAsync = async (sample, token) => Pieces - (long)await AskAsync(cluster.Connections.Locks[0], redis => redis.StringGetAsync(Key), token) >= sample.Operations
                ? null
                : "Redis holds more pieces than it should",
        };
    }

    /// <summary>GET of as much as a session is, on the server where sessions are.</summary>
    public static async Task<Contender> GetAsync(ShopCluster cluster, int clients, CancellationToken cancellationToken)
    {
        const string Key = "bench:session";
        await AskAsync(cluster.Connections.Redis, redis => redis.StringSetAsync(Key, new string('x', SessionBytes)), cancellationToken);
        return Command("redis-benchmark GET", cluster.Connections.Ports.Redis, cluster.Secrets.Redis, clients, "GET", Key);
    }

    /// <summary>A lock that nobody holds, with its end, each under a name of its own: one that is taken would be refused and written nowhere.</summary>
    public static Contender Lock(ShopCluster cluster, int clients, long milliseconds) => Command(
        "redis-benchmark SET NX",
        cluster.Connections.Ports.Lock(1),
        cluster.Secrets.Locks,
        clients,
        "-r", "1000000000", "SET", "bench:lock:__rand_int__", "1", "NX", "PX", $"{milliseconds}");

    private static Contender Command(string name, int port, string password, int clients, params string[] command)
    {
        var rate = (double)GuessPerSecond;
        return new Contender(name, async (duration, cancellationToken) =>
        {
            var sample = await RunAsync(port, password, clients, Math.Max(clients, (long)(rate * duration.TotalSeconds)), command, cancellationToken);
            rate = sample.PerSecond;
            return sample;
        })
        {
            SettlesAfter = 0,
        };
    }

    private static async Task<Sample> RunAsync(int port, string password, int clients, long requests, string[] command, CancellationToken cancellationToken)
    {
        string[] all =
        [
            new Binaries().RedisBenchmark, "-h", "127.0.0.1", "-p", $"{port}", "-a", password,
            "-c", $"{clients}", "-n", requests.ToString(CultureInfo.InvariantCulture), "-q", .. command,
        ];
        var output = await CommandLine.RunAsync(all, cancellationToken);
        var rates = Rate().Matches(output);
        return rates.Count > 0
            ? new Sample(requests, TimeSpan.FromSeconds(requests / double.Parse(rates[^1].Groups[1].Value, CultureInfo.InvariantCulture)))
            : throw new BenchException($"redis-benchmark did not say what it has done: {CommandLine.LastLine(output)}");
    }

    private static async Task<T> AskAsync<T>(string server, Func<IDatabase, Task<T>> command, CancellationToken cancellationToken)
    {
        await using var redis = Connect(server);
        return await redis.ExecuteAsync(command, cancellationToken);
    }

    [GeneratedRegex(@"([\d.]+) requests per second")]
    private static partial Regex Rate();
}
