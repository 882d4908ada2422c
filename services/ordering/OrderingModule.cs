using Shop.BuildingBlocks.Alarms;
using Shop.BuildingBlocks.CleanUp;
using Shop.BuildingBlocks.Configuration;
using Shop.BuildingBlocks.Ids.Segments;
using Shop.BuildingBlocks.Leadership;
using Shop.BuildingBlocks.Messaging;
using Shop.BuildingBlocks.Jobs;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts;
using Shop.Ordering.Checkout;
using Shop.Ordering.Intake;
using Shop.Ordering.Invariants;
using Shop.Ordering.Invoices;
using Shop.Ordering.Orders;
using Shop.Ordering.Overdue;
using Shop.Ordering.Products;
using Shop.Ordering.Reconciliation;
using Shop.Ordering.Storage;
using Shop.ServiceDefaults;

namespace Shop.Ordering;

/// <summary>Orders and their checkout. It coordinates; stock and money belong to others.</summary>
public static class OrderingModule
{
    public static void AddOrdering(this WebApplicationBuilder builder)
    {
        builder.Services.AddStorageProblems();
        builder.AddDatabase<OrderingDbContext>();
        builder.AddMessaging<OrderingDbContext, AnswerHandler>(ServiceNames.Ordering, ServiceNames.Inventory, ServiceNames.Payments);

        var services = builder.Services;
        services.AddOptions<CheckoutOptions>().BindConfiguration(CheckoutOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.AddSeries<OrderingDbContext>(Invoicing.InvoiceSeries);
        builder.AddSeries<OrderingDbContext>(Invoicing.CreditNoteSeries);
        services.AddSingleton<Invoicing>();
        services.AddSingleton<DecisionLog>();
        services.AddSingleton<CallQueue>();
        services.AddSingleton<Checkouts>();
        services.AddHostedService<ParticipantCaller>();
        services.AddHostedService<CheckoutTimer>();

        services.AddSingleton<OrderWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<OrderWatch>());

        services.AddInternalClient(ServiceNames.Inventory);
        services.AddInternalClient(ServiceNames.Payments);
        services.AddSingleton<ProductCatalogue>();
        services.AddHostedService<ProductLoader>();

        services.AddOptions<IntakeOptions>().BindConfiguration(IntakeOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddLive<IntakeOptions>(IntakeOptions.Section, nameof(IntakeOptions.MaxOpen), nameof(IntakeOptions.MaxBatch), nameof(IntakeOptions.MaxWait));
        services.AddHostedService<RequestKeyIndex>();
        services.AddSingleton<OpenOrders>();
        services.AddHostedService(provider => provider.GetRequiredService<OpenOrders>());
        services.AddSingleton<OrderIntake>();
        services.AddHostedService(provider => provider.GetRequiredService<OrderIntake>());

        services.AddOptions<InvariantOptions>().BindConfiguration(InvariantOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IFacts, ServiceFacts>();
        services.AddSingleton<InvariantChecker>();
        builder.AddDuty<OrderingDbContext>(InvariantWatch.Duty);
        services.AddHostedService<InvariantWatch>();

        services.AddOptions<ReconciliationOptions>().BindConfiguration(ReconciliationOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<Differences>();
        services.AddSingleton<Corrector>();
        services.AddSingleton<Reconciler>();

        builder.AddJobs<OrderingDbContext>(ServiceNames.Ordering);
        services.AddJob<OrderingDbContext, ReconciliationJob>();
        services.AddOptions<OverdueOptions>()
            .BindConfiguration(OverdueOptions.Section)
            .ValidateDataAnnotations()
            .Validate<IConfiguration>(
                (overdue, configuration) => overdue.After > Bound<CheckoutOptions>(configuration, CheckoutOptions.Section).Timeout
                    && overdue.After < Bound<CleanUpOptions>(configuration, CleanUpOptions.Section).LongestRetry,
                "Overdue:After must be longer than Checkout:Timeout, after which a checkout gives up by itself, and shorter than CleanUp:LongestRetry.")
            .ValidateOnStart();
        services.AddJob<OrderingDbContext, OverdueOrders>();
        services.AddSingleton<IAlarmSource<OrderingDbContext>, AttentionAlarm>();
    }

    public static void MapOrdering(this WebApplication app)
    {
        app.MapOrders();
        app.MapInvariants();
        app.MapReconciliation();
        app.MapProposals();
        app.MapStuckOrders();
        app.MapDecisions();
        app.MapMessaging<OrderingDbContext>();
        app.MapAudit<OrderingDbContext>();
        app.MapLeaders<OrderingDbContext>();
        app.MapJobs<OrderingDbContext>();
    }

    // Bound and not validated: what is wrong with them themselves is said by them, once.
    private static TOptions Bound<TOptions>(IConfiguration configuration, string section) where TOptions : class, new() =>
        configuration.GetSection(section).Get<TOptions>() ?? new TOptions();
}
