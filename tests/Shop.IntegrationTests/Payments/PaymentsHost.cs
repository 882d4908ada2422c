using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shop.BuildingBlocks.Transactions;
using Shop.Contracts;
using Shop.Contracts.Facts;
using Shop.Contracts.Internal;
using Shop.Contracts.Messages;
using Shop.IntegrationTests.Support;
using Shop.Payments;
using Shop.Payments.Storage;
using Shop.ServiceDefaults;

namespace Shop.IntegrationTests.Payments;

/// <summary>Payments with a database of its own and a cheap password hash.</summary>
internal sealed class PaymentsHost : IAsyncDisposable
{
    public const long Welcome = 100_00;

    private readonly TempDirectory _directory;

    private PaymentsHost(TempDirectory directory, ServiceHost service)
    {
        _directory = directory;
        Service = service;
    }

    public ServiceHost Service { get; }

    public static Task<PaymentsHost> StartAsync(params (string Key, string Value)[] settings) => StartAsync((IDecisions?)null, settings);

    /// <param name="decisions">Stands for ordering's log; without it nobody answers.</param>
    public static Task<PaymentsHost> StartAsync(IDecisions? decisions, params (string Key, string Value)[] settings) => StartAsync(
        builder =>
        {
            if (decisions is not null)
            {
                builder.Services.AddSingleton(decisions);
            }
        },
        settings);

    /// <param name="change">Services above those of the module.</param>
    public static async Task<PaymentsHost> StartAsync(Action<WebApplicationBuilder> change, params (string Key, string Value)[] settings)
    {
        var directory = new TempDirectory();
        var configuration = new Dictionary<string, string?> { ["Passwords:Iterations"] = "1000", ["Messaging:TriesAlone"] = "2" };
        foreach (var (key, value) in settings)
        {
            configuration[key] = value;
        }

        return new PaymentsHost(directory, await ServiceHost.StartAsync(
            ServiceNames.Payments,
            builder =>
            {
                builder.AddPayments();
                change(builder);
            },
            app => app.MapPayments(),
            Path.Combine(directory.Path, "payments.db"),
            configuration));
    }

    public Task<HttpResponseMessage> RegisterAsync(string name, string password = "correct horse") =>
        Service.Client.PostAsJsonAsync("/internal/customers", new Credentials(name, password));

    public Task<HttpResponseMessage> LogInAsync(string name, string password = "correct horse") =>
        Service.Client.PostAsJsonAsync("/internal/credentials", new Credentials(name, password));

    public async Task<Customer> CustomerAsync(string name = "ada")
    {
        var identity = await HttpAssert.OkAsync<CustomerIdentity>(await RegisterAsync(name), HttpStatusCode.Created);
        return new Customer(identity.Id, identity.Name);
    }

    public Task<IReadOnlyList<OperationAnswered>> AskAsync(params IReadOnlyList<Message> messages) => Service.AskAsync(messages);

    public async Task<OperationAnswered> AskOneAsync(Message message) => (await Service.AskAsync(message))[0];

    public async Task<long> BalanceAsync(Customer customer)
    {
        var wallet = await HttpAssert.OkAsync<JsonObject>(await Service.SendAsync(customer, HttpMethod.Get, "/api/v1/wallet"));
        return (long)wallet["balance"]!["amount"]!;
    }

    public Task<HttpResponseMessage> DepositAsync(Customer customer, string? key, string body = """{"amount":{"amount":500,"currency":"EUR"}}""") =>
        Service.SendAsync(customer, HttpMethod.Post, "/api/v1/wallet/deposits", body, key);

    public Task<List<PaymentsFact>> FactsAsync() => Service.GetAsync<List<PaymentsFact>>("/internal/facts");

    public Task<List<BuildingBlocks.Messaging.DeadLetter>> DeadLettersAsync() => Service.DeadLettersAsync<PaymentsDbContext>();

    /// <summary>The books balance, and every wallet is what its entries say.</summary>
    public async Task AssertBooksBalanceAsync()
    {
        var facts = await FactsAsync();
        var ledger = facts[^1].Ledger!;
        Assert.Equal((0, 0), (ledger.EntriesSum, ledger.UnbalancedTransactions));
        Assert.Equal(ledger.Welcome + ledger.Deposits, ledger.Wallets + ledger.Held + ledger.Captured - ledger.Refunded);

        var accounts = facts.Select(f => f.Account).OfType<AccountFact>().ToList();
        Assert.All(accounts, account =>
        {
            Assert.Equal((account.LedgerBalance, account.LedgerHeld), (account.Balance, account.Held));
            Assert.True(account is { Balance: >= 0, Held: >= 0 }, account.ToString());
        });
        Assert.Equal((ledger.Wallets, ledger.Held), (accounts.Sum(a => a.Balance), accounts.Sum(a => a.Held)));

        var payments = facts.Select(f => f.Payment).OfType<PaymentFact>().ToList();
        Assert.Equal(ledger.Captured, payments.Where(p => p.State is FactStates.Captured or FactStates.Refunded).Sum(p => p.Amount.Amount));
        Assert.Equal(ledger.Held, payments.Where(p => p.State == FactStates.Authorized).Sum(p => p.Amount.Amount));
        Assert.Equal(ledger.Refunded, payments.Where(p => p.State == FactStates.Refunded).Sum(p => p.Amount.Amount));
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        _directory.Dispose();
    }
}
