using System.Diagnostics;
using System.Globalization;
using System.Text;
using Npgsql;
using Shop.Benchmarks.Frame;
using Shop.Benchmarks.Load;
using Shop.Benchmarks.Messaging;
using Shop.BuildingBlocks.Messaging;
using Shop.Contracts.Messages;
using Shop.Lab.Cluster;

namespace Shop.Benchmarks.Rows;

/// <summary>The way of a message from the sender's commit to the broker, and on to the receiver's.</summary>
internal sealed class Relay(TimeProvider clock) : IBenchmark
{
    private const int RowsEachSecond = 40_000;
    private const int NaiveRowsEachSecond = 2_000;
    private const int LatencyCallers = 256;

    private static readonly int[] LatencyRates = [50, 500];

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(2);

    public string Name => "relay";

    public string Question => "A backlog of the outbox, relayed to RabbitMQ with confirms, against a bare publisher of the same envelopes; beside a relay of one row at a time. And the time from commit to effect.";

    public async Task<IReadOnlyList<Figure>> RunAsync(Workbench bench, CancellationToken cancellationToken)
    {
        var cluster = await bench.ClusterAsync(options => options with { Parts = ClusterParts.Postgres | ClusterParts.RabbitMq }, cancellationToken);
        var referee = new Referee(bench, clock);
        var arrivals = new Arrivals();
        await using var source = await MessagingHost.StartAsync(cluster, MessagingHost.Source, MessagingHost.Target, arrivals, records: true, cancellationToken);
        var figures = new List<Figure>();
        await using (var queue = await TargetQueue.OpenAsync(cluster, MessagingHost.Target, cancellationToken))
        {
            foreach (var messages in bench.Sized<int[]>([1, 8], [8]))
            {
                figures.AddRange(await referee.RunAsync(Backlog(cluster, source, queue, messages), cancellationToken));
            }

            await queue.TakeAllAsync(cancellationToken);
        }

        await using var target = await MessagingHost.StartAsync(cluster, MessagingHost.Target, null, arrivals, records: true, cancellationToken);
        foreach (var rate in bench.Sized<int[]>(LatencyRates, [50]))
        {
            figures.AddRange(await referee.RunAsync(
                new Contest(
                    $"commit to effect at {rate} messages/s",
                    "messages",
                    [
                        new Contender("shop", (duration, token) => OpenLoop.RunAsync(rate, LatencyCallers, duration, async _ =>
                        {
                            var order = source.Ids.Next();
                            var arrived = arrivals.Expect(order);
                            await source.Database.WriteAsync(
                                db =>
                                {
                                    db.Send(MessagingHost.Target, new TakeStock(order));
                                    return Task.CompletedTask;
                                },
                                token);
                            await arrived.WaitAsync(token);
                            return null;
                        }, token)) { VerifyAsync = (sample, token) => EffectsAsync(target, token) },
                    ]),
                cancellationToken));
        }

        return figures;
    }

    private static Contest Backlog(ShopCluster cluster, MessagingHost source, TargetQueue queue, int messages)
    {
        var payload = MessageCodec.Encode([.. Enumerable.Range(0, messages).Select(_ => new ReserveStock(source.Ids.Next(), [new StockLine("bench-0", 1)]))]);
        var row = Encoding.UTF8.GetBytes(payload);
        var (sent, envelopes, eachEnvelope) = (0L, (IReadOnlyList<byte[]>)[row], (double)messages);
        var before = (Messages: 0L, Envelopes: 0L);
        return new Contest(
            $"backlog of rows with {messages} {(messages == 1 ? "message" : "messages")}",
            "messages",
            [
                new Contender("shop", async (duration, token) =>
                {
                    // Once a minute the relay looks by itself: what it has sent before the start does not count.
                    var early = source.Traffic.MessagesSent - before.Messages;
                    var all = (long)RowsOf(duration, RowsEachSecond) * messages;
                    var started = Stopwatch.GetTimestamp();
                    source.Wake(MessagingHost.Target);
                    while (source.Traffic.MessagesSent - before.Messages < all)
                    {
                        await Task.Delay(Look, token);
                    }

                    var took = Stopwatch.GetElapsedTime(started);
                    sent = source.Traffic.EnvelopesSent - before.Envelopes;
                    eachEnvelope = (double)all / sent;
                    return new Sample(all - early, took);
                })
                {
                    PrepareAsync = (duration, token) =>
                    {
                        before = (source.Traffic.MessagesSent, source.Traffic.EnvelopesSent);
                        return FillAsync(source, RowsOf(duration, RowsEachSecond), messages, payload, token);
                    },
                    VerifyAsync = async (_, token) =>
                    {
                        // What went over the wire, for the limit: the first envelopes of a backlog are smaller than those after them.
                        var taken = await queue.TakeEachAsync(token);
                        envelopes = taken.Count > 0 ? taken : envelopes;
                        return await EmptyAsync(source, queue, sent - taken.Count, token);
                    },
                    CountersAsync = _ => Task.FromResult<IReadOnlyDictionary<string, double>>(
                        new Dictionary<string, double> { ["envelopes"] = source.Traffic.EnvelopesSent }),
                },
            ])
        {
            Limit = Publisher("bare publisher of the same envelopes", () => envelopes, () => eachEnvelope),
            Rivals =
            [
                Publisher("bare publisher of rows", () => [row], () => messages),
                new Contender("one row at a time", async (duration, token) =>
                {
                    var sample = await OneByOneAsync(cluster, queue, duration, token);
                    sent = sample.Operations;
                    return sample with { Operations = sample.Operations * messages };
                })
                {
                    PrepareAsync = (duration, token) => FillBesideAsync(source, RowsOf(duration, NaiveRowsEachSecond), messages, payload, token),
                    VerifyAsync = async (_, token) =>
                    {
                        await source.Books.AskAsync("DELETE FROM outbox;", token);
                        return await EmptyAsync(source, queue, sent, token);
                    },
                },
            ],
        };

        static int RowsOf(TimeSpan duration, int eachSecond) => (int)(eachSecond * duration.TotalSeconds);

        // Nothing but persistent messages and their confirms, a thousand under way.
        Contender Publisher(string name, Func<IReadOnlyList<byte[]>> bodies, Func<double> each) => new(name, async (duration, token) =>
        {
            var sample = await queue.PublishAsync(bodies(), duration, token);
            sent = sample.Operations;
            return sample with { Operations = (long)(sample.Operations * each()) };
        })
        {
            VerifyAsync = (_, token) => EmptyAsync(source, queue, sent, token),
        };
    }

    private static Task<string> FillAsync(MessagingHost source, int rows, int messages, string payload, CancellationToken cancellationToken) =>
        InsertAsync(source, MessagingHost.Target, rows, messages, payload, cancellationToken);

    // For nobody whom the relay knows, so that it leaves them alone.
    private static Task<string> FillBesideAsync(MessagingHost source, int rows, int messages, string payload, CancellationToken cancellationToken) =>
        InsertAsync(source, "nobody", rows, messages, payload, cancellationToken);

    private static Task<string> InsertAsync(MessagingHost source, string destination, int rows, int messages, string payload, CancellationToken cancellationToken) =>
        source.Books.AskAsync(
            string.Create(
                CultureInfo.InvariantCulture,
                $"INSERT INTO outbox (destination, id, count, payload, created_at) SELECT '{destination}', i, {messages}, '{payload}', 0 FROM generate_series(1, {rows}) i;"),
            cancellationToken);

    private static async Task<string?> EmptyAsync(MessagingHost source, TargetQueue queue, long sent, CancellationToken cancellationToken)
    {
        // The last rows leave with the commit that follows the last confirm.
        string left;
        var started = Stopwatch.GetTimestamp();
        while ((left = await source.Books.AskAsync("SELECT count(*) FROM outbox;", cancellationToken)) != "0" && Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(1))
        {
            await Task.Delay(Look, cancellationToken);
        }

        var found = await queue.TakeAllAsync(cancellationToken);
        return left != "0" ? $"{left} rows are left in the outbox" : found < sent ? $"{sent} were confirmed, and {found} are in the queue" : null;
    }

    private static async Task<string?> EffectsAsync(MessagingHost target, CancellationToken cancellationToken)
    {
        var counts = (await target.Books.AskAsync(
            "SELECT (SELECT count(*) FROM effects) || ' ' || (SELECT count(DISTINCT order_id) FROM effects) || ' ' || (SELECT count(*) FROM operations);", cancellationToken)).Split(' ');
        return counts.Distinct().Count() == 1 ? null : $"effects, orders and records differ: {string.Join(", ", counts)}";
    }

    // One transaction for each row: read and lock, publish, wait for the confirm, delete, commit.
    private static async Task<Sample> OneByOneAsync(ShopCluster cluster, TargetQueue queue, TimeSpan duration, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(
            $"Host=127.0.0.1;Port={cluster.Connections.Ports.Postgres};Database=bench_source;Username=postgres;Password={cluster.Secrets.PostgresSuperuser};Max Auto Prepare=10;Auto Prepare Min Usages=2");
        await connection.OpenAsync(cancellationToken);
        var done = 0L;
        var started = Stopwatch.GetTimestamp();
        do
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var next = new NpgsqlCommand("SELECT id, payload FROM outbox WHERE destination = 'nobody' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED", connection, transaction);
            long id;
            string payload;
            await using (var reader = await next.ExecuteReaderAsync(cancellationToken))
            {
                if (!await reader.ReadAsync(cancellationToken))
                {
                    break;
                }

                (id, payload) = (reader.GetInt64(0), reader.GetString(1));
            }

            await queue.PublishAsync(Encoding.UTF8.GetBytes(payload), cancellationToken);
            await using var delete = new NpgsqlCommand("DELETE FROM outbox WHERE destination = 'nobody' AND id = $1", connection, transaction)
            {
                Parameters = { new NpgsqlParameter<long> { TypedValue = id } },
            };
            await delete.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            done++;
        }
        while (Stopwatch.GetElapsedTime(started) < duration);

        return new Sample(done, Stopwatch.GetElapsedTime(started));
    }
}
