using System.Diagnostics;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shop.BuildingBlocks.Messaging;
using Shop.Contracts;
using Shop.Contracts.Messages;
using Shop.Lab.Cluster;
using Shop.Lab.Cluster.Servers;

namespace Shop.Lab.Queues;

/// <summary>The shop's transport on one queue, with a receiver that can be held back.</summary>
internal sealed class QueueHost : IAsyncDisposable
{
    private const int Alone = 200;

    private readonly QueueKind _kind;
    private readonly QueuesOptions _options;
    private readonly IHost _host;
    private readonly Envelope _envelope;

    private volatile TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _all = new();
    private int _missing;

    private QueueHost(QueueKind kind, QueuesOptions options, IHost host, string service)
    {
        _kind = kind;
        _options = options;
        _host = host;
        var answers = Enumerable.Range(1, options.Messages)
            .Select(i => new OperationAnswered(
                250_081_520_528_658_448 + i, ServiceNames.Inventory, OperationNames.Reserve, OperationOutcome.Done, null, DateTimeOffset.UnixEpoch))
            .ToList<Message>();
        _envelope = new Envelope(ServiceNames.Inventory, service, [MessageCodec.Encode(answers)]);
    }

    private ITransport Transport => _host.Services.GetRequiredService<ITransport>();

    public static async Task<QueueHost> StartAsync(QueueKind kind, QueuesOptions options, ShopCluster cluster, CancellationToken cancellationToken)
    {
        // A queue that ordering's user may declare, send to and read.
        var service = $"{ServiceNames.Ordering}.{kind}";
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["RabbitMq:Host"] = "127.0.0.1",
            ["RabbitMq:Port"] = $"{cluster.Connections.Ports.RabbitMq}",
            ["RabbitMq:VirtualHost"] = RabbitMqServer.VirtualHost,
            ["RabbitMq:Username"] = ServiceNames.Ordering,
            ["RabbitMq:Password"] = cluster.Secrets.Messaging[ServiceNames.Ordering],
            ["RabbitMq:Queues"] = $"{kind}",
        });
        builder.Services.AddSingleton(TimeProvider.System);
        builder.AddRabbitMqTransport(service);
        var host = builder.Build();
        var queue = new QueueHost(kind, options, host, service);
        await queue.Transport.ListenAsync(service, queue.ReceiveAsync, cancellationToken);
        await host.StartAsync(cancellationToken);

        // A service sends again until the queue is there; here the first send counts.
        await host.Services.GetRequiredService<IBusControl>().WaitForHealthStatus(BusHealthStatus.Healthy, cancellationToken);
        return queue;
    }

    public async Task<QueueRound> RunAsync(CancellationToken cancellationToken)
    {
        Hold();
        var sent = await RateAsync(SendAllAsync, cancellationToken);
        var taken = await RateAsync(TakeAllAsync, cancellationToken);

        var both = await RateAsync(
            async token =>
            {
                Expect(_options.Envelopes);
                await SendAllAsync(token);
                await _all.Task.WaitAsync(token);
            },
            cancellationToken);

        Expect(Alone);
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < Alone; i++)
        {
            await Transport.SendAsync(_envelope, cancellationToken);
        }

        var confirm = Stopwatch.GetElapsedTime(began).TotalMilliseconds / Alone;
        await _all.Task.WaitAsync(cancellationToken);
        return new QueueRound(_kind, sent, taken, both, confirm);
    }

    public async ValueTask DisposeAsync()
    {
        _open.TrySetResult();
        await _host.StopAsync();
        _host.Dispose();
    }

    private void Hold()
    {
        _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Expect(_options.Envelopes);
    }

    private void Expect(int envelopes)
    {
        _all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _missing = envelopes;
    }

    private async Task ReceiveAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        await _open.Task.WaitAsync(cancellationToken);
        if (Interlocked.Add(ref _missing, -envelope.Parts.Count) == 0) // one part was sent in each; what waits is handled together
        {
            _all.SetResult();
        }
    }

    private Task SendAllAsync(CancellationToken cancellationToken) => Parallel.ForEachAsync(
        Enumerable.Range(0, _options.Envelopes),
        new ParallelOptions { MaxDegreeOfParallelism = _options.Senders, CancellationToken = cancellationToken },
        async (_, token) => await Transport.SendAsync(_envelope, token));

    private Task TakeAllAsync(CancellationToken cancellationToken)
    {
        _open.SetResult();
        return _all.Task.WaitAsync(cancellationToken);
    }

    private async Task<double> RateAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        await work(cancellationToken);
        return _options.Envelopes / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}
