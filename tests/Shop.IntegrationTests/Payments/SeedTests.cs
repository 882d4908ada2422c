using System.Net;
using System.Net.Http.Json;
using Shop.Contracts.Internal;
using Shop.IntegrationTests.Support;
using Shop.Payments.Customers;

namespace Shop.IntegrationTests.Payments;

/// <summary>Many customers at once are the same as one after the other: the books balance, and a repeat does nothing.</summary>
public sealed class SeedTests
{
    private const int Count = 300;
    private const long Deposit = 250_00;

    private static readonly SeedCustomers Crowd = new("crowd", 1, Count, "correct horse", Deposit);

    [Fact]
    public async Task Each_has_a_welcome_balance_and_a_deposit_and_logs_in_with_the_password()
    {
        await using var payments = await PaymentsHost.StartAsync();

        Assert.Equal(new SeededCustomers(Count, 0), await SeedAsync(payments, Crowd));

        var accounts = (await payments.FactsAsync()).Select(fact => fact.Account).OfType<Shop.Contracts.Facts.AccountFact>().ToList();
        Assert.Equal(Count, accounts.Count);
        Assert.All(accounts, account => Assert.Equal(PaymentsHost.Welcome + Deposit, account.Balance));
        await AssertTotalsAsync(payments);
        await HttpAssert.OkAsync<CustomerIdentity>(await payments.LogInAsync("crowd-1"));
        await HttpAssert.OkAsync<CustomerIdentity>(await payments.LogInAsync($"crowd-{Count}"));
        await HttpAssert.ProblemAsync(await payments.LogInAsync("crowd-2", "another horse"), HttpStatusCode.Unauthorized, "bad-credentials");
    }

    [Fact]
    public async Task A_repeat_makes_only_those_who_are_missing_and_touches_nobody_else()
    {
        await using var payments = await PaymentsHost.StartAsync();
        await SeedAsync(payments, Crowd with { Count = 200 });

        Assert.Equal(new SeededCustomers(100, 200), await SeedAsync(payments, Crowd));
        Assert.Equal(new SeededCustomers(0, Count), await SeedAsync(payments, Crowd with { Password = "another horse", Deposit = 1 }));

        await AssertTotalsAsync(payments);
        await HttpAssert.OkAsync<CustomerIdentity>(await payments.LogInAsync("crowd-7"));
    }

    [Fact]
    public async Task Two_at_once_make_each_customer_once()
    {
        await using var payments = await PaymentsHost.StartAsync();

        var results = await Task.WhenAll(SeedAsync(payments, Crowd), SeedAsync(payments, Crowd));

        Assert.Equal(Count, results.Sum(result => result.Made));
        await AssertTotalsAsync(payments);
    }

    [Theory]
    [InlineData("x", 0, 1, 0L, "correct horse", new[] { "count" })]
    [InlineData("crowd", 1, 0, 0L, "correct horse", new[] { "count" })]
    [InlineData("crowd", 1, CustomerSeeding.MaxCount + 1, 0L, "correct horse", new[] { "count" })]
    [InlineData("crowd", int.MaxValue, 2, 0L, "correct horse", new[] { "count" })]
    [InlineData("crowd", 1, 1, -1L, "correct horse", new[] { "deposit" })]
    [InlineData(" crowd", 1, 1, 0L, "short", new[] { "password", "prefix" })]
    public async Task What_breaks_the_rules_is_refused_with_every_error_at_once(
        string prefix, int first, int count, long deposit, string password, string[] members)
    {
        await using var payments = await PaymentsHost.StartAsync();

        var problem = await HttpAssert.ProblemAsync(
            await PostAsync(payments, new SeedCustomers(prefix, first, count, password, deposit)), HttpStatusCode.BadRequest, "validation-failed");

        Assert.Equal(members, problem["errors"]!.AsObject().Select(error => error.Key).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(await payments.FactsAsync(), fact => fact.Account is not null);
    }

    private static async Task AssertTotalsAsync(PaymentsHost payments)
    {
        await payments.AssertBooksBalanceAsync();
        var ledger = (await payments.FactsAsync())[^1].Ledger!;
        Assert.Equal((Count * PaymentsHost.Welcome, Count * Deposit), (ledger.Welcome, ledger.Deposits));
    }

    private static Task<HttpResponseMessage> PostAsync(PaymentsHost payments, SeedCustomers request) =>
        payments.Service.Client.PostAsJsonAsync("/ops/customers", request);

    private static async Task<SeededCustomers> SeedAsync(PaymentsHost payments, SeedCustomers request) =>
        await HttpAssert.OkAsync<SeededCustomers>(await PostAsync(payments, request));
}
