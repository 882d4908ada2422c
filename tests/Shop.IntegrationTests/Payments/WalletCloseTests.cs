using System.Net;
using System.Text.Json.Nodes;
using Shop.BuildingBlocks.Locks;
using Shop.Contracts;
using Shop.Contracts.Messages;
using Shop.IntegrationTests.Support;
using Shop.Payments.Wallets;
using Shop.ServiceDefaults;

namespace Shop.IntegrationTests.Payments;

/// <summary>An empty wallet is closed for good, and says so to whoever wants to pay in or to charge.</summary>
public sealed class WalletCloseTests
{
    [Fact]
    public async Task A_closed_wallet_takes_no_deposit_and_pays_nothing_and_says_why()
    {
        await using var payments = await PaymentsHost.StartAsync(("Payments:WelcomeAmount", "0"));
        var ada = await payments.CustomerAsync();

        var closed = await HttpAssert.OkAsync<JsonObject>(await CloseAsync(payments, ada.Id));
        var again = await HttpAssert.OkAsync<JsonObject>(await CloseAsync(payments, ada.Id));

        Assert.Equal(closed.ToJsonString(), again.ToJsonString());
        await HttpAssert.ProblemAsync(await payments.DepositAsync(ada, "k1"), HttpStatusCode.Conflict, "wallet-closed");
        var charge = await payments.AskOneAsync(new ChargePayment(1, ada.Id, new Money(0, "EUR")));
        var authorize = await payments.AskOneAsync(new AuthorizePayment(2, ada.Id, new Money(0, "EUR"), DateTimeOffset.MaxValue));
        Assert.All([charge, authorize], answer => Assert.Equal((OperationOutcome.Refused, Reasons.WalletClosed), (answer.Outcome, answer.Reason)));
        var trail = await payments.Service.GetAsync<JsonObject>("/ops/audit");
        Assert.Single(trail["items"]!.AsArray(), entry => (string?)entry!["action"] == "wallet-close");
        await payments.AssertBooksBalanceAsync();
    }

    [Fact]
    public async Task A_deposit_from_before_is_still_answered_as_it_was()
    {
        await using var payments = await PaymentsHost.StartAsync(("Payments:WelcomeAmount", "0"));
        var ada = await payments.CustomerAsync();
        var first = await payments.DepositAsync(ada, "k1");
        await payments.AskOneAsync(new ChargePayment(1, ada.Id, new Money(5_00, "EUR")));
        await HttpAssert.OkAsync<JsonObject>(await CloseAsync(payments, ada.Id));

        var repeat = await payments.DepositAsync(ada, "k1");

        Assert.Equal(await first.Content.ReadAsStringAsync(), await repeat.Content.ReadAsStringAsync());
        Assert.Equal(0, await payments.BalanceAsync(ada));
    }

    [Fact]
    public async Task What_an_order_gives_back_still_comes_in()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();
        await payments.AskOneAsync(new ChargePayment(1, ada.Id, new Money(PaymentsHost.Welcome, "EUR")));
        await HttpAssert.OkAsync<JsonObject>(await CloseAsync(payments, ada.Id));

        Assert.Equal(OperationOutcome.Done, (await payments.AskOneAsync(new RefundPayment(1))).Outcome);

        Assert.Equal(PaymentsHost.Welcome, await payments.BalanceAsync(ada));
        var charge = await payments.AskOneAsync(new ChargePayment(2, ada.Id, new Money(1, "EUR")));
        Assert.Equal(Reasons.WalletClosed, charge.Reason);
        await payments.AssertBooksBalanceAsync();
    }

    [Fact]
    public async Task A_wallet_with_money_in_it_stays_open()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();

        await HttpAssert.ProblemAsync(await CloseAsync(payments, ada.Id), HttpStatusCode.Conflict, "wallet-not-empty");

        await HttpAssert.OkAsync<JsonObject>(await payments.DepositAsync(ada, "k1"), HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_wallet_of_which_an_order_holds_money_stays_open()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();
        await payments.AskOneAsync(new AuthorizePayment(1, ada.Id, new Money(PaymentsHost.Welcome, "EUR"), DateTimeOffset.MaxValue));

        var problem = await HttpAssert.ProblemAsync(await CloseAsync(payments, ada.Id), HttpStatusCode.Conflict, "wallet-not-empty");

        Assert.Equal("0 in it and 10000 held, in cents.", (string?)problem["detail"]);
        Assert.Equal(OperationOutcome.Done, (await payments.AskOneAsync(new VoidPayment(1))).Outcome);
        Assert.Equal(PaymentsHost.Welcome, await payments.BalanceAsync(ada));
    }

    [Fact]
    public async Task A_wallet_that_is_nobodys_is_not_found_and_one_without_an_operator_is_not_closed()
    {
        await using var payments = await PaymentsHost.StartAsync(("Payments:WelcomeAmount", "0"));
        var ada = await payments.CustomerAsync();

        await HttpAssert.ProblemAsync(await CloseAsync(payments, 1), HttpStatusCode.NotFound, "not-found");
        await HttpAssert.ProblemAsync(await CloseAsync(payments, ada.Id, who: null), HttpStatusCode.BadRequest, "validation-failed");

        await HttpAssert.OkAsync<JsonObject>(await payments.DepositAsync(ada, "k1"), HttpStatusCode.Created);
    }

    [Fact]
    public async Task While_somebody_else_has_the_lock_it_stays_open()
    {
        await using var payments = await PaymentsHost.StartAsync(("Payments:WelcomeAmount", "0"));
        var ada = await payments.CustomerAsync();
        await using (await payments.Service.Get<ILocks>().TryAcquireAsync(WalletClosing.LockOf(ada.Id), TimeSpan.FromMinutes(1), default))
        {
            await HttpAssert.ProblemAsync(await CloseAsync(payments, ada.Id), HttpStatusCode.Conflict, "locked");
        }

        await HttpAssert.OkAsync<JsonObject>(await payments.DepositAsync(ada, "k1"), HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_close_and_a_deposit_at_once_leave_an_open_wallet_with_money_or_a_closed_one_without()
    {
        await using var payments = await PaymentsHost.StartAsync(("Payments:WelcomeAmount", "0"));
        for (var i = 0; i < 10; i++)
        {
            var customer = await payments.CustomerAsync($"ada{i}");

            var close = CloseAsync(payments, customer.Id);
            var deposit = payments.DepositAsync(customer, $"k{i}");
            await Task.WhenAll(close, deposit);

            var (closed, deposited) = ((await close).IsSuccessStatusCode, (await deposit).IsSuccessStatusCode);
            Assert.True(closed != deposited, $"closed: {closed}, deposited: {deposited}");
            Assert.Equal(deposited ? 5_00 : 0, await payments.BalanceAsync(customer));
        }

        await payments.AssertBooksBalanceAsync();
    }

    private static async Task<HttpResponseMessage> CloseAsync(PaymentsHost payments, long customerId, string? who = "ada")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/ops/wallets/{customerId}/close");
        if (who is not null)
        {
            request.Headers.Add(ShopHeaders.Operator, who);
        }

        return await payments.Service.Client.SendAsync(request);
    }
}
