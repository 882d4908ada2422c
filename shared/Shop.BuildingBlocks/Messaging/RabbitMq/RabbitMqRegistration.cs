using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Shop.BuildingBlocks.Messaging;

internal static class RabbitMqRegistration
{
    public static void AddRabbitMqTransport(this IHostApplicationBuilder builder, string service)
    {
        builder.Services.AddOptions<RabbitMqOptions>().BindConfiguration(RabbitMqOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<RabbitMqTransport>();
        builder.Services.AddSingleton<ITransport>(services => services.GetRequiredService<RabbitMqTransport>());

        var options = builder.Configuration.GetSection(RabbitMqOptions.Section).Get<RabbitMqOptions>() ?? new RabbitMqOptions();
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddConsumer<EnvelopeConsumer>();
            bus.UsingRabbitMq((context, rabbit) =>
            {
                rabbit.Host(options.Host, (ushort)options.Port, options.VirtualHost, host =>
                {
                    host.Username(options.Username);
                    host.Password(options.Password);
                    host.PublisherConfirmation = true;
                    host.Heartbeat(TimeSpan.FromSeconds(10));
                });
                rabbit.ReceiveEndpoint(RabbitMqTransport.QueueOf(service), endpoint =>
                {
                    // Envelopes are sent to the queue by name: there is no fan-out, so no exchange per message type.
                    endpoint.ConfigureConsumeTopology = false;
                    endpoint.Durable = true;
                    if (options.Queues is QueueKind.Quorum)
                    {
                        endpoint.SetQuorumQueue();
                    }

                    endpoint.PrefetchCount = options.Prefetch;
                    endpoint.ConcurrentMessageLimit = options.Prefetch;

                    // An outage is waited out by the transport. What fails nevertheless can never succeed: it is no envelope.
                    // Looked up when needed: the receiver that parks is made of the transport that is being made here.
                    var parking = new ParkingFilter((source, payload, error, cancellationToken) =>
                        context.GetRequiredService<ParkMessage>()(source, payload, error, cancellationToken));
                    endpoint.PublishFaults = false;
                    endpoint.ConfigureError(error => error.UseFilter(parking));
                    endpoint.ConfigureDeadLetter(skipped => skipped.UseFilter(parking));
                    endpoint.ConfigureConsumer<EnvelopeConsumer>(context);
                });
            });
        });
    }
}
