using System.Diagnostics;
using RabbitMQ.Client;
using Shop.Benchmarks.Frame;
using Shop.Contracts;
using Shop.Lab.Cluster;

namespace Shop.Benchmarks.Messaging;

/// <summary>A durable queue that nobody reads, as the shop's transport would declare it, and a publisher without anything around it.</summary>
internal sealed class TargetQueue : IAsyncDisposable
{
    private const int Window = 1_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly BasicProperties Persistent = new() { Persistent = true, ContentType = "application/json" };

    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly string _name;

    private TargetQueue(IConnection connection, IChannel channel, string name) => (_connection, _channel, _name) = (connection, channel, name);

    public static async Task<TargetQueue> OpenAsync(ShopCluster cluster, string service, CancellationToken cancellationToken)
    {
        var name = $"shop.{service}";
        var factory = new ConnectionFactory
        {
            Uri = cluster.Connections.RabbitMq(ServiceNames.Ordering),
            HandshakeContinuationTimeout = Patience,
            ContinuationTimeout = Patience,
        };
        var connection = await factory.CreateConnectionAsync(cancellationToken);
        var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(true, true, new ThrottlingRateLimiter(Window * 2)), cancellationToken);
        await channel.ExchangeDeclareAsync(name, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellationToken);
        await channel.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: false, cancellationToken: cancellationToken);
        await channel.QueueBindAsync(name, name, "", cancellationToken: cancellationToken);
        return new TargetQueue(connection, channel, name);
    }

    /// <summary>Publishes persistent messages, a window of them on their way at a time, and waits for the confirm of each.</summary>
    /// <param name="bodies">In turn, again and again.</param>
    public async Task<Sample> PublishAsync(IReadOnlyList<byte[]> bodies, TimeSpan duration, CancellationToken cancellationToken)
    {
        var sent = 0L;
        var started = Stopwatch.GetTimestamp();
        var window = new List<Task>(Window);
        do
        {
            for (var i = 0; i < Window; i++)
            {
                window.Add(PublishAsync(bodies[(int)((sent + i) % bodies.Count)], cancellationToken));
            }

            await Task.WhenAll(window);
            sent += window.Count;
            window.Clear();
        }
        while (Stopwatch.GetElapsedTime(started) < duration);

        return new Sample(sent, Stopwatch.GetElapsedTime(started));
    }

    /// <summary>Publishes one and waits for its confirm.</summary>
    public Task PublishAsync(byte[] body, CancellationToken cancellationToken) =>
        _channel.BasicPublishAsync(_name, "", mandatory: true, Persistent, body, cancellationToken).AsTask();

    /// <summary>All messages in it, the oldest first, which it loses.</summary>
    public async Task<IReadOnlyList<byte[]>> TakeEachAsync(CancellationToken cancellationToken)
    {
        var taken = new List<byte[]>();
        while (await _channel.BasicGetAsync(_name, autoAck: true, cancellationToken) is { } message)
        {
            taken.Add(message.Body.ToArray());
        }

        return taken;
    }

    /// <summary>How many messages are in it, which are gone afterwards.</summary>
    public async Task<long> TakeAllAsync(CancellationToken cancellationToken) => await _channel.QueuePurgeAsync(_name, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
