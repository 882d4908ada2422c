using System.Globalization;
using Shop.Benchmarks.Frame;
using Shop.Benchmarks.Load;
using Shop.Benchmarks.Messaging;
using Shop.BuildingBlocks.Messaging;
using Shop.Contracts.Messages;
using Shop.Lab.Cluster;

namespace Shop.Benchmarks.Rows;

/// <summary>What it costs that a message may come twice: the effect with the record of the operation, against the effect alone.</summary>
internal sealed class Consumer(TimeProvider clock) : IBenchmark
{
    private const int Receivers = 8;
    private const int Batch = 64;

    public string Name => "consumer";

    public string Question => "Messages handled by the shop's receiver, each with its record against repeats, against the same effect without; in envelopes of 1 and of 64.";

    public async Task<IReadOnlyList<Figure>> RunAsync(Workbench bench, CancellationToken cancellationToken)
    {
        var cluster = await bench.ClusterAsync(options => options with { Parts = ClusterParts.Postgres | ClusterParts.RabbitMq }, cancellationToken);
        var referee = new Referee(bench, clock);
        await using var recording = await MessagingHost.StartAsync(cluster, MessagingHost.Target, null, new Arrivals(), records: true, cancellationToken);
        await using var bare = await MessagingHost.StartAsync(cluster, MessagingHost.Source, null, new Arrivals(), records: false, cancellationToken);
        var figures = new List<Figure>();
        foreach (var messages in new[] { Batch, 1 })
        {
            figures.AddRange(await referee.RunAsync(
                new Contest($"envelopes of {messages}", "messages", [Contender("shop, with the record", recording, messages, records: true)])
                {
                    Limit = Contender("the effect alone", bare, messages, records: false),
                    Rivals = messages == 1 ? [] : [Contender("a transaction for each message", recording, 1, records: true)],
                },
                cancellationToken));
        }

        return figures;
    }

    private static Contender Contender(string name, MessagingHost host, int messages, bool records)
    {
        var before = 0L;
        return new Contender(name, async (duration, token) =>
        {
            var sample = await ClosedLoop.RunAsync(Receivers, duration, async _ =>
            {
                var payload = MessageCodec.Encode([.. Enumerable.Range(0, messages).Select(_ => new TakeStock(host.Ids.Next()))]);
                await host.Receiver.ReceiveAsync(new Envelope(MessagingHost.Source, MessagingHost.Target, [payload]), token);
                return null;
            }, token);
            return sample with { Operations = sample.Operations * messages };
        })
        {
            PrepareAsync = async (_, token) => before = (await CountAsync(token))[0],
            VerifyAsync = async (sample, token) =>
            {
                var counts = await CountAsync(token);
                var done = counts[0] - before;
                return done != sample.Operations ? $"{sample.Operations} were handled, and there are {done} effects more"
                    : records && counts[0] != counts[1] ? $"{counts[0]} effects have {counts[1]} records" : null;
            },
        };

        async Task<List<long>> CountAsync(CancellationToken token) =>
        [
            .. (await host.Books.AskAsync("SELECT (SELECT count(*) FROM effects) || ' ' || (SELECT count(*) FROM operations);", token)).Split(' ')
                .Select(count => long.Parse(count, CultureInfo.InvariantCulture)),
        ];
    }
}
