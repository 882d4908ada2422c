using Shop.Benchmarks.Frame;
using Shop.Benchmarks.Load;
using Shop.Benchmarks.Rivals;
using Shop.Contracts;
using Shop.Lab.Cluster;
using Shop.Lab.Cluster.Apps;

namespace Shop.Benchmarks.Rows;

/// <summary>One answer of 512 bytes through the gateway: its whole pipeline, and an open route of it, beside other proxies in front of the same backend.</summary>
internal sealed class Gateway(TimeProvider clock) : IBenchmark
{
    private const int Callers = 64;
    private const int SmokeCallers = 4;
    private const string Plenty = "100000000";

    public string Name => "gateway";

    public string Question => "A page of 512 bytes through one gateway process, with and without a session, against the backend itself and YARP, nginx and HAProxy in front of it.";

    public async Task<IReadOnlyList<Figure>> RunAsync(Workbench bench, CancellationToken cancellationToken)
    {
        var (backendPort, yarpPort, nginxPort, haProxyPort) = (Ports.Of(bench, 1), Ports.Of(bench, 2), Ports.Of(bench, 3), Ports.Of(bench, 4));
        using var backend = Serve.Backend(bench, backendPort);
        using var yarp = Serve.Yarp(bench, yarpPort, backendPort);
        await Ports.WaitAsync(backend.Name, backendPort, cancellationToken);
        await Ports.WaitAsync(yarp.Name, yarpPort, cancellationToken);
        using var nginx = await Proxies.NginxAsync(bench, nginxPort, backendPort, cancellationToken);
        using var haProxy = await Proxies.HaProxyAsync(bench, haProxyPort, backendPort, cancellationToken);

        var cluster = await bench.ClusterAsync(options => Options(options, backendPort), cancellationToken);
        var gatewayPort = AppKind.Gateway.Port(cluster.Connections.Ports, 1);
        var tokens = await Sessions.CreateAsync(cluster, Callers, clock, cancellationToken);
        var referee = new Referee(bench, clock);
        var figures = new List<Figure>();
        foreach (var callers in bench.Sized<int[]>([Callers, 1], [SmokeCallers]))
        {
            using var session = new PageReaders(gatewayPort, (_, _) => "/api/v1/orders/1", callers, tokens, Serve.AnswerBytes);
            using var open = new PageReaders(gatewayPort, (_, _) => "/api/v1/products/umbrella/stock", callers, [], Serve.AnswerBytes);
            using var direct = new PageReaders(backendPort, (_, _) => "/", callers, [], Serve.AnswerBytes);
            using var bare = new PageReaders(yarpPort, (_, _) => "/", callers, [], Serve.AnswerBytes);
            using var byNginx = new PageReaders(nginxPort, (_, _) => "/", callers, [], Serve.AnswerBytes);
            using var byHaProxy = new PageReaders(haProxyPort, (_, _) => "/", callers, [], Serve.AnswerBytes);
            figures.AddRange(await referee.RunAsync(
                new Contest(
                    $"{callers} {(callers == 1 ? "caller" : "callers")}",
                    "requests",
                    [
                        new Contender("gateway, with session, identity and limits", session.RunAsync) { VerifyAsync = PageReaders.AllAnsweredAsync },
                        new Contender("gateway, open route", open.RunAsync) { VerifyAsync = PageReaders.AllAnsweredAsync },
                    ])
                {
                    Limit = new Contender("backend itself", direct.RunAsync) { VerifyAsync = PageReaders.AllAnsweredAsync },
                    Rivals =
                    [
                        new Contender("YARP alone", bare.RunAsync) { VerifyAsync = PageReaders.AllAnsweredAsync },
                        new Contender("nginx", byNginx.RunAsync) { SettlesAfter = 0, VerifyAsync = PageReaders.AllAnsweredAsync },
                        .. haProxy is null ? (Contender[])[] : [new Contender("HAProxy", byHaProxy.RunAsync) { SettlesAfter = 0, VerifyAsync = PageReaders.AllAnsweredAsync }],
                    ],
                },
                cancellationToken));
        }

        return figures;
    }

    // Quotas are counted as ever, and never used up.
    private static ClusterOptions Options(ClusterOptions options, int backend) => options with
    {
        Parts = ClusterParts.Redis | ClusterParts.Gateways,
        Gateways = 1,
        AppSettings = new Dictionary<string, string>(options.AppSettings)
        {
            [$"Services:{ServiceNames.Ordering}:0"] = $"http://127.0.0.1:{backend}",
            [$"Services:{ServiceNames.Inventory}:0"] = $"http://127.0.0.1:{backend}",
            ["Limits:Session:Permits"] = Plenty,
            ["Limits:Anonymous:Permits"] = Plenty,
        },
        Replicas = 1,
    };
}
