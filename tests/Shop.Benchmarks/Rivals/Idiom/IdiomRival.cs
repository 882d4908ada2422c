using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Shop.Benchmarks.Frame;
using Shop.Benchmarks.Load;
using Shop.Contracts;
using Shop.Lab.Cluster;

namespace Shop.Benchmarks.Rivals.Idiom;

/// <summary>The process, its database, and callers who order and wait for the end, as the shop's do.</summary>
internal sealed class IdiomRival : IDisposable
{
    private const string DatabaseName = "bench_idiom";
    private const int Wallets = 10_000;
    private const int MaxPoolSize = 40;

    private readonly Companion _process;
    private readonly SqlRival _books;
    private readonly List<(HttpCaller Http, Random Random)> _callers;
    private readonly int _articles;

    private IdiomRival(Companion process, SqlRival books, int port, int callers, int articles)
    {
        (_process, _books, _articles) = (process, books, articles);
        _callers = [.. Enumerable.Range(0, callers).Select(number => (new HttpCaller(port), new Random(number)))];
    }

    public static async Task<IdiomRival> StartAsync(Workbench bench, ShopCluster cluster, int articles, CancellationToken cancellationToken)
    {
        var books = await SqlRival.CreateAsync(cluster, DatabaseName, "order-check.sql", cancellationToken, "idiom-schema.sql");
        var port = Ports.Of(bench, 5);
        var process = Serve.MassTransit(
            bench,
            port,
            $"Host=127.0.0.1;Port={cluster.Connections.Ports.Postgres};Database={DatabaseName};Username=postgres;Password={cluster.Secrets.PostgresSuperuser};"
            + $"Maximum Pool Size={MaxPoolSize};Max Auto Prepare=50",
            cluster.Connections.RabbitMq(ServiceNames.Ordering));
        await Ports.WaitAsync(process.Name, port, cancellationToken);
        return new IdiomRival(process, books, port, bench.Options.Callers, articles);
    }

    public Contender Contender() => new(
        "MassTransit (saga in memory, no outbox)",
        (duration, cancellationToken) => ClosedLoop.RunAsync(_callers.Count, duration, caller => BuyAsync(caller, cancellationToken), cancellationToken))
    {
        SettlesAfter = OrderingShop.NewSettlesAfter,
        VerifyAsync = _books.VerifyAsync,
    };

    public void Dispose()
    {
        _callers.ForEach(caller => caller.Http.Dispose());
        _process.Dispose();
    }

    private async ValueTask<string?> BuyAsync(int caller, CancellationToken cancellationToken)
    {
        var (http, random) = _callers[caller];
        var body = $$"""{"sku":{{1 + random.Next(_articles)}},"wallet":{{1 + random.Next(Wallets)}},"total":{{Shelves.Price}}}""";
        try
        {
            var answer = await http.SendAsync(
                Encoding.ASCII.GetBytes($"POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"),
                cancellationToken);
            return answer.Status is not 200 ? string.Create(CultureInfo.InvariantCulture, $"answered {answer.Status}")
                : answer.Body.Span.IndexOf("\"status\":\"confirmed\""u8) >= 0 ? null : "not confirmed";
        }
        catch (Exception exception) when (exception is SocketException or InvalidDataException)
        {
            return "broken connections";
        }
    }
}
