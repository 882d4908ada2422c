using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Options;
using Shop.Benchmarks.Frame;
using Shop.Benchmarks.Rivals;
using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Messaging;
using Shop.Contracts;
using Shop.Contracts.Messages;
using Shop.Lab.Cluster;

namespace Shop.Benchmarks.Load;

/// <summary>Callers who ask inventory to reserve, as a coordinator asks: commands in a call, each answered with what is recorded and durable.</summary>
internal sealed class Reservations : IDisposable
{
    private const int Worker = 1_000; // nobody of the cluster leases it
    private const int WarmUpCallers = 32;

    private readonly ShopCluster _cluster;
    private readonly SnowflakeIdGenerator _ids;
    private readonly Pgbench _books;
    private readonly Func<Random, string> _sku;
    private readonly int _commands;
    private readonly List<(HttpCaller Http, Random Random)> _callers;

    /// <param name="commands">How many commands for as many orders in each call.</param>
    public Reservations(ShopCluster cluster, TimeProvider clock, int callers, int commands, Func<Random, string> sku)
    {
        (_cluster, _commands, _sku) = (cluster, commands, sku);
        _ids = new SnowflakeIdGenerator(Options.Create(new SnowflakeOptions { WorkerId = Worker }), clock);
        _books = new Pgbench(cluster, ServiceNames.Inventory);
        _callers =
        [
            .. Enumerable.Range(0, callers).Select(number =>
                (new HttpCaller(cluster.Connections.Ports.Inventory(1 + (number % cluster.Options.Replicas))), new Random(number))),
        ];
    }

    /// <summary>Its orders exist nowhere else, so that the invariants of the whole shop cannot hold in it: for such rows alone.</summary>
    public static async Task<(ShopCluster Cluster, int Articles)> ClusterAsync(Workbench bench, TimeProvider clock, CancellationToken cancellationToken)
    {
        var cluster = await bench.ClusterAsync(Alone, cancellationToken);
        using var http = OrderingShop.OperatorOf(cluster);
        var articles = await Shelves.FillAsync(bench, cluster, http, cancellationToken);
        if (!bench.Options.Smoke)
        {
            await bench.OnceAsync("warm reservations", async () =>
            {
                using var callers = new Reservations(cluster, clock, WarmUpCallers, 1, random => Shelves.Any(random, articles));
                return await WarmUp.RunAsync(bench, "a new cluster", "reservations", callers.Contender("shop") with { SettlesAfter = OrderingShop.NewSettlesAfter }, cancellationToken);
            });
        }

        return (cluster, articles);
    }

    /// <summary>Nobody looks after the books of the whole shop, which cannot add up.</summary>
    public static ClusterOptions Alone(ClusterOptions options) => options with
    {
        AppSettings = new Dictionary<string, string>(options.AppSettings) { ["Invariants:WatchEvery"] = "00:00:00", ["Jobs:Schedule"] = "false" },
    };

    public Contender Contender(string name)
    {
        var before = 0L;
        return new Contender(name, RunAsync)
        {
            PrepareAsync = async (_, token) => before = (await CountAsync(token))[0],
            VerifyAsync = async (sample, token) =>
            {
                var counts = await CountAsync(token);
                return counts.Distinct().Count() > 1 ? $"the books of inventory do not add up: {string.Join(", ", counts)}"
                    : counts[0] - before < sample.Operations ? $"{sample.Operations} were called done, and {counts[0] - before} are" : null;
            },
        };
    }

    public void Dispose() => _callers.ForEach(caller => caller.Http.Dispose());

    // Each call has so many commands, and what is reported is commands.
    private async Task<Sample> RunAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        var sample = await ClosedLoop.RunAsync(_callers.Count, duration, caller => ReserveAsync(caller, cancellationToken), cancellationToken);
        return sample with { Operations = sample.Operations * _commands };
    }

    private async ValueTask<string?> ReserveAsync(int caller, CancellationToken cancellationToken)
    {
        var (http, random) = _callers[caller];
        var body = MessageCodec.Encode([.. Enumerable.Range(0, _commands).Select(_ => new ReserveStock(_ids.Next(), [new StockLine(_sku(random), 1)]))]);
        var request = Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"POST /internal/commands HTTP/1.1\r\nHost: 127.0.0.1\r\nShop-Service-Key: {_cluster.Secrets.ServiceKey}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        try
        {
            var answer = await http.SendAsync(request, cancellationToken);
            return answer.Status != 200 ? string.Create(CultureInfo.InvariantCulture, $"answered {answer.Status}")
                : Done(answer.Body.Span) == _commands ? null : "not answered, or refused";
        }
        catch (Exception exception) when (exception is SocketException or InvalidDataException)
        {
            return "broken connections";
        }
    }

    private static int Done(ReadOnlySpan<byte> body)
    {
        var done = 0;
        var wanted = "\"outcome\":\"Done\""u8;
        for (int found; (found = body.IndexOf(wanted)) >= 0; body = body[(found + wanted.Length)..])
        {
            done++;
        }

        return done;
    }

    // What is held or sold, by the article, by the order and by the record of the operation.
    private async Task<IReadOnlyList<long>> CountAsync(CancellationToken cancellationToken) =>
    [
        .. (await _books.AskAsync(
            """
            SELECT (SELECT sum(reserved + sold) FROM stock) || ' ' || (SELECT count(*) FROM reservations WHERE state IN ('held', 'sold'))
                || ' ' || (SELECT count(*) FROM operations WHERE name = 'reserve' AND outcome = 1);
            """,
            cancellationToken)).Split(' ').Select(number => long.Parse(number, CultureInfo.InvariantCulture)),
    ];
}
