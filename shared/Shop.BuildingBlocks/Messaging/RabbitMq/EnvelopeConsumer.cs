using MassTransit;

namespace Shop.BuildingBlocks.Messaging;

/// <summary>The one consumer of a service: hands an envelope on, and acknowledges it when that has committed.</summary>
internal sealed class EnvelopeConsumer(RabbitMqTransport transport) : IConsumer<Envelope>
{
    public Task Consume(ConsumeContext<Envelope> context) => transport.ReceiveAsync(context.Message, context.CancellationToken);
}
