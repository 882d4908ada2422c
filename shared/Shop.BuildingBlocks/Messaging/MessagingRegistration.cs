using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shop.BuildingBlocks.Configuration;
using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Messaging;

/// <summary>Registers a service's part in messaging.</summary>
public static class MessagingRegistration
{
    /// <summary>Adds outbox, relay and receiver, over the transport that <see cref="MessagingOptions.Transport"/> names.</summary>
    public static void AddMessaging<TContext, THandler>(this IHostApplicationBuilder builder, string service, params string[] destinations)
        where TContext : ShopDbContext
        where THandler : class, IEnvelopeHandler<TContext>
    {
        builder.Services.AddOptions<MessagingOptions>().BindConfiguration(MessagingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddLive<MessagingOptions>(
            MessagingOptions.Section,
            nameof(MessagingOptions.MaxMessages),
            nameof(MessagingOptions.PollInterval),
            nameof(MessagingOptions.MaxBackoff),
            nameof(MessagingOptions.TriesAlone));
        builder.Services.AddSnowflakeIds(builder.Configuration);
        builder.Services.AddHostedService<StoredIds<TContext>>();
        var messaging = builder.Configuration.GetSection(MessagingOptions.Section).Get<MessagingOptions>() ?? new MessagingOptions();
        if (messaging.Transport is TransportKind.RabbitMq)
        {
            builder.AddRabbitMqTransport(service);
        }

        builder.Services.AddSingleton(new MessagingTopology(service, destinations));
        builder.Services.AddSingleton<OutboxRoutes>();
        builder.Services.AddSingleton<OutboxSignal>();
        builder.Services.AddSingleton<SendAfterCommit>();
        builder.Services.AddSingleton<Traffic>();
        builder.Services.AddSingleton<IEnvelopeHandler<TContext>, THandler>();
        builder.Services.AddSingleton<EnvelopeReceiver<TContext>>();
        builder.Services.AddSingleton<ParkMessage>(services => services.GetRequiredService<EnvelopeReceiver<TContext>>().ParkAsync);
        builder.Services.AddHostedService(services => services.GetRequiredService<EnvelopeReceiver<TContext>>());
        builder.Services.AddHostedService<OutboxRelay<TContext>>();
    }
}
