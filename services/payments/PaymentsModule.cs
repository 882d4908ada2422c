using Shop.BuildingBlocks.Jobs;
using Shop.BuildingBlocks.Locks;
using Shop.BuildingBlocks.Storage;
using Shop.BuildingBlocks.Transactions;
using Shop.Contracts;
using Shop.Payments.Charges;
using Shop.Payments.Customers;
using Shop.Payments.Deposits;
using Shop.Payments.Facts;
using Shop.Payments.Ledger;
using Shop.Payments.Settlements;
using Shop.Payments.Storage;
using Shop.Payments.Wallets;
using Shop.ServiceDefaults;

namespace Shop.Payments;

/// <summary>Payments as a module: its own process and the all-in-one host start it through the same two methods.</summary>
public static class PaymentsModule
{
    public static void AddPayments(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<PaymentsOptions>().BindConfiguration(PaymentsOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<PasswordOptions>().BindConfiguration(PasswordOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddStorageProblems();
        builder.AddDatabase<PaymentsDbContext>();
        builder.Services.AddLockProblems();
        builder.AddFencedLocks<PaymentsDbContext>();
        builder.Services.AddSingleton<WalletClosing>();
        builder.Services.AddSingleton<PasswordHasher>();
        builder.Services.AddSingleton<PasswordPermits>();
        builder.Services.AddSingleton<CustomerRegistration>();
        builder.Services.AddSingleton<CustomerSeeding>();
        builder.Services.AddSingleton<Bookkeeper>();
        builder.Services.AddSingleton<DepositIntake>();
        builder.Services.AddDecisions();
        builder.AddParticipant<PaymentsDbContext, PaymentOperations>(ServiceNames.Payments, ServiceNames.Ordering, ServiceNames.Inventory);
        builder.AddJobs<PaymentsDbContext>(ServiceNames.Payments);
        builder.Services.AddOptions<SettlementOptions>().BindConfiguration(SettlementOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddJob<PaymentsDbContext, DailySettlement>();
    }

    public static void MapPayments(this IEndpointRouteBuilder routes)
    {
        routes.MapCustomers();
        routes.MapWallet();
        routes.MapDeposits();
        routes.MapLedger();
        routes.MapSettlements();
        routes.MapPaymentsFacts();
        routes.MapParticipant<PaymentsDbContext>();
        routes.MapMessaging<PaymentsDbContext>();
        routes.MapAudit<PaymentsDbContext>();
        routes.MapJobs<PaymentsDbContext>();
    }
}
