using Shop.BuildingBlocks.Messaging;

namespace Shop.IntegrationTests.Support;

/// <summary>A transport on which everything happens that can happen to a message: it is lost although confirmed, doubled, delayed past later
/// ones, refused, or delivered without its sender learning of it. By a seed, until it is healed.</summary>
internal sealed class BadRoad(int seed) : ITransport
{
    private readonly LoopbackTransport _good = new();
    private readonly Random _random = new(seed);
    private readonly int[] _count = new int[5];
    private volatile bool _healed;

    public void Heal() => _healed = true;

    public string Report => $"lost {_count[0]}, doubled {_count[1]}, delayed {_count[2]}, refused {_count[3]}, delivered without confirm {_count[4]}";

    /// <summary>How often each of the five has happened.</summary>
    public IReadOnlyList<int> Counts => _count;

    public Task ListenAsync(string service, Func<Envelope, CancellationToken, Task> receive, CancellationToken cancellationToken) =>
        _good.ListenAsync(service, receive, cancellationToken);

    public async Task SendAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        switch (_healed ? int.MaxValue : Next(14))
        {
            case 0:
                Count(0);
                return;
            case 1:
                Count(1);
                await _good.SendAsync(envelope, cancellationToken);
                await _good.SendAsync(envelope, cancellationToken);
                return;
            case 2:
                Count(2);
                _ = LaterAsync(envelope, TimeSpan.FromMilliseconds(Next(600)));
                return;
            case 3:
                Count(3);
                throw new IOException("refused");
            case 4:
                Count(4);
                await _good.SendAsync(envelope, cancellationToken);
                throw new IOException("delivered, and the confirm was lost");
            default:
                await _good.SendAsync(envelope, cancellationToken);
                return;
        }
    }

    private async Task LaterAsync(Envelope envelope, TimeSpan delay)
    {
        await Task.Delay(delay);
        await _good.SendAsync(envelope, CancellationToken.None);
    }

    private int Next(int bound)
    {
        lock (_random)
        {
            return _random.Next(bound);
        }
    }

    private void Count(int kind) => Interlocked.Increment(ref _count[kind]);
}
