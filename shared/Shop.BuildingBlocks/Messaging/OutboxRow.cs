namespace Shop.BuildingBlocks.Messaging;

/// <summary>The messages of one transaction for one destination, already encoded. It leaves the table when the receiver has confirmed.</summary>
public sealed class OutboxRow(string destination, long id, int count, string payload, DateTimeOffset createdAt)
{
    public string Destination { get; private set; } = destination;

    public long Id { get; private set; } = id;

    /// <summary>How many messages <see cref="Payload"/> holds.</summary>
    public int Count { get; private set; } = count;

    public string Payload { get; private set; } = payload;

    public DateTimeOffset CreatedAt { get; private set; } = createdAt;
}
