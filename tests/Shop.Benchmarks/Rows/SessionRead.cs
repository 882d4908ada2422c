using Shop.Benchmarks.Frame;
using Shop.Benchmarks.Load;
using Shop.Benchmarks.Rivals;
using Shop.Lab.Cluster;
using Shop.Lab.Cluster.Apps;

namespace Shop.Benchmarks.Rows;

/// <summary>What it costs to know who asks: a request that reads its session from Redis, beside one that has none.</summary>
internal sealed class SessionRead(TimeProvider clock) : IBenchmark
{
    private const int Callers = 64;
    private const int SmokeCallers = 4;

    public string Name => "session-read";

    public string Question => "Requests that read their session from Redis, through one gateway process, against redis-benchmark GET; beside requests without a session.";

    public async Task<IReadOnlyList<Figure>> RunAsync(Workbench bench, CancellationToken cancellationToken)
    {
        var cluster = await bench.ClusterAsync(
            options => options with
            {
                Parts = ClusterParts.Redis | ClusterParts.Gateways,
                Gateways = 1,
                Replicas = 1,
                AppSettings = new Dictionary<string, string>(options.AppSettings) { ["Limits:Session:Permits"] = "100000000" },
            },
            cancellationToken);
        var port = AppKind.Gateway.Port(cluster.Connections.Ports, 1);
        var callers = bench.Sized(Callers, SmokeCallers);
        var tokens = await Sessions.CreateAsync(cluster, callers, clock, cancellationToken);
        using var session = new PageReaders(port, (_, _) => "/api/v1/session", callers, tokens, bytes: null);
        using var none = new PageReaders(port, (_, _) => "/health/live", callers, [], bytes: null);
        return await new Referee(bench, clock).RunAsync(
            new Contest(
                $"{callers} callers",
                "requests",
                [
                    new Contender("with a session", session.RunAsync) { VerifyAsync = PageReaders.AllAnsweredAsync },
                    new Contender("without", none.RunAsync) { VerifyAsync = PageReaders.AllAnsweredAsync },
                ])
            {
                Limit = await RedisBench.GetAsync(cluster, callers, cancellationToken),
            },
            cancellationToken);
    }
}
