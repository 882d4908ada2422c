namespace Shop.Benchmarks.Messaging;

/// <summary>What one message does.</summary>
internal sealed class Effect(long id, long orderId)
{
    public long Id { get; private set; } = id;

    public long OrderId { get; private set; } = orderId;
}
