using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Shop.Benchmarks.Rivals.Idiom;

/// <summary>The same checkout as MassTransit's documentation and samples write it, in one process.</summary>
/// <remarks>
/// What is in its favour: no gateway, session, identity or limits in front, no outbox, no inbox and no replicas, sagas in memory, one step less than the
/// shop (stock is not taken after the payment). A crash between commit and publish loses a message, and a message that comes twice fails. Publisher confirms are
/// on, queues durable, messages persistent.
/// </remarks>
internal static class IdiomApp
{
    public const string Database = "Idiom:Database";
    public const string Broker = "Idiom:Broker";

    // What the cluster's user of ordering may declare begins like this.
    private const string Prefix = "ordering.idiom.";

    // With 16, MassTransit's default on this kind of machine, it was slower.
    private const int Prefetch = 64;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static WebApplication Build(WebApplicationBuilder builder)
    {
        var (database, broker) = (builder.Configuration[Database]!, new Uri(builder.Configuration[Broker]!));
        builder.Services.AddSingleton<Waiting>();
        builder.Services.AddDbContextPool<IdiomDbContext>(options => options.UseNpgsql(database));
        builder.Services.Configure<MassTransitHostOptions>(host => host.WaitUntilStarted = true);
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.SetEndpointNameFormatter(new DefaultEndpointNameFormatter(Prefix, includeNamespace: false));
            bus.AddConsumer<StockConsumer>();
            bus.AddConsumer<PaymentConsumer>();
            bus.AddConsumer<FinishConsumer>();
            bus.AddSagaStateMachine<OrderStateMachine, OrderState>().InMemoryRepository();
            bus.UsingRabbitMq((context, rabbit) =>
            {
                rabbit.Host(broker, host => host.PublisherConfirmation = true);
                rabbit.MessageTopology.SetEntityNameFormatter(new PrefixEntityNameFormatter(rabbit.MessageTopology.EntityNameFormatter, Prefix));
                rabbit.PrefetchCount = Prefetch;
                rabbit.ConfigureEndpoints(context);
            });
        });

        var app = builder.Build();
        app.MapPost("/orders", PlaceAsync);
        return app;
    }

    private static async Task<IResult> PlaceAsync(PlaceOrder request, IdiomDbContext db, IPublishEndpoint bus, Waiting waiting, CancellationToken cancellationToken)
    {
        var order = NewId.NextSequentialGuid();
        var finished = waiting.For(order);
        db.Orders.Add(new OrderRow(order, request.Wallet, Status: 0, request.Total));
        await db.SaveChangesAsync(cancellationToken);
        await bus.Publish(new OrderSubmitted(order, request.Sku, request.Wallet, request.Total), cancellationToken);
        return Results.Ok(new { id = order, status = await finished.WaitAsync(Patience, cancellationToken) ? "confirmed" : "rejected" });
    }

    internal sealed record PlaceOrder(int Sku, int Wallet, long Total);
}
