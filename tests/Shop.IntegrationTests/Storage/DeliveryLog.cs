using System.Collections.Concurrent;
using Shop.BuildingBlocks.Messaging;
using Shop.Contracts.Messages;

namespace Shop.IntegrationTests.Storage;

/// <summary>What has reached the destinations, whoever brought it.</summary>
internal sealed class DeliveryLog
{
    private readonly ConcurrentQueue<(string Replica, string Destination, long Id)> _arrived = new();

    public IReadOnlyCollection<(string Replica, string Destination, long Id)> Arrived => _arrived;

    /// <summary>What came more than once.</summary>
    public IReadOnlyList<(string Destination, long Id)> Repeated =>
        [.. _arrived.GroupBy(a => (a.Destination, a.Id)).Where(g => g.Count() > 1).Select(g => g.Key).Order()];

    public IReadOnlyList<(string Destination, long Id)> Distinct => [.. _arrived.Select(a => (a.Destination, a.Id)).Distinct().Order()];

    public IReadOnlyList<(string Destination, long Id)> Add(string replica, Envelope envelope)
    {
        var ids = envelope.Parts.SelectMany(part => MessageCodec.Decode(part, [])).Cast<OrderMessage>().Select(m => (envelope.Destination, m.OrderId)).ToList();
        foreach (var (destination, id) in ids)
        {
            _arrived.Enqueue((replica, destination, id));
        }

        return ids;
    }
}
