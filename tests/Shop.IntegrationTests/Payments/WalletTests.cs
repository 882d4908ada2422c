using System.Net;
using System.Text.Json.Nodes;
using Shop.Contracts.Messages;
using Shop.IntegrationTests.Support;
using Shop.ServiceDefaults;
using static Shop.IntegrationTests.Payments.PaymentOperationTests;

namespace Shop.IntegrationTests.Payments;

public sealed class WalletTests
{
    [Fact]
    public async Task A_wallet_shows_what_is_free_and_what_is_held()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();

        var response = await payments.Service.SendAsync(ada, HttpMethod.Get, "/api/v1/wallet");

        Assert.Equal(
            """{"balance":{"amount":10000,"currency":"EUR"},"held":{"amount":0,"currency":"EUR"}}""", await response.Content.ReadAsStringAsync());
        Assert.NotNull(response.Headers.ETag);
    }

    [Fact]
    public async Task A_wallet_is_shown_to_nobody_without_an_identity()
    {
        await using var payments = await PaymentsHost.StartAsync();

        foreach (var path in new[] { "/api/v1/wallet", "/api/v1/wallet/entries" })
        {
            await HttpAssert.ProblemAsync(await payments.Service.Client.GetAsync(path), HttpStatusCode.Unauthorized, "unauthorized");
        }
    }

    [Fact]
    public async Task A_deposit_is_in_the_wallet_when_it_is_answered()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();

        var deposit = await HttpAssert.OkAsync<JsonObject>(await payments.DepositAsync(ada, "k1"), HttpStatusCode.Created);

        Assert.Equal("""{"amount":500,"currency":"EUR"}""", deposit["amount"]!.ToJsonString());
        Assert.NotNull((string?)deposit["id"]);
        Assert.NotNull((string?)deposit["createdAt"]);
        Assert.Equal(PaymentsHost.Welcome + 5_00, await payments.BalanceAsync(ada));
        await payments.AssertBooksBalanceAsync();
    }

    [Fact]
    public async Task A_repeated_deposit_pays_in_once_and_gets_the_same_answer()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();

        var first = await payments.DepositAsync(ada, "k1");
        var repeat = await payments.DepositAsync(ada, "k1");

        Assert.Equal(await first.Content.ReadAsStringAsync(), await repeat.Content.ReadAsStringAsync());
        Assert.Equal((HttpStatusCode.Created, false), (first.StatusCode, first.Headers.Contains(ShopHeaders.IdempotentReplayed)));
        Assert.Equal((HttpStatusCode.Created, true), (repeat.StatusCode, repeat.Headers.Contains(ShopHeaders.IdempotentReplayed)));
        Assert.Equal(PaymentsHost.Welcome + 5_00, await payments.BalanceAsync(ada));
    }

    [Fact]
    public async Task Twins_at_once_pay_in_once()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => payments.DepositAsync(ada, "k1")));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.StatusCode));
        Assert.Single(answers, answer => !answer.Headers.Contains(ShopHeaders.IdempotentReplayed));
        Assert.Equal(PaymentsHost.Welcome + 5_00, await payments.BalanceAsync(ada));
        await payments.AssertBooksBalanceAsync();
    }

    [Fact]
    public async Task A_key_that_was_used_for_another_body_is_refused()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();
        await payments.DepositAsync(ada, "k1");

        await HttpAssert.ProblemAsync(
            await payments.DepositAsync(ada, "k1", """{"amount":{"amount":501,"currency":"EUR"}}"""),
            HttpStatusCode.UnprocessableEntity,
            "idempotency-key-reused");

        Assert.Equal(PaymentsHost.Welcome + 5_00, await payments.BalanceAsync(ada));
    }

    [Fact]
    public async Task Two_customers_may_use_one_key()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var (ada, bob) = (await payments.CustomerAsync("ada"), await payments.CustomerAsync("bob"));

        await payments.DepositAsync(ada, "k1");
        await payments.DepositAsync(bob, "k1");

        Assert.Equal(PaymentsHost.Welcome + 5_00, await payments.BalanceAsync(ada));
        Assert.Equal(PaymentsHost.Welcome + 5_00, await payments.BalanceAsync(bob));
    }

    [Fact]
    public async Task A_deposit_without_a_key_is_refused()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();

        await HttpAssert.ProblemAsync(await payments.DepositAsync(ada, key: null), HttpStatusCode.BadRequest, "idempotency-key-missing");
    }

    [Theory]
    [InlineData("""{"amount":{"amount":0,"currency":"EUR"}}""")]
    [InlineData("""{"amount":{"amount":-500,"currency":"EUR"}}""")]
    [InlineData("""{"amount":{"amount":100000001,"currency":"EUR"}}""")]
    [InlineData("""{"amount":{"amount":9223372036854775807,"currency":"EUR"}}""")]
    [InlineData("""{"amount":{"amount":9223372036854775808,"currency":"EUR"}}""")]
    [InlineData("""{"amount":{"amount":500,"currency":"USD"}}""")]
    [InlineData("""{"amount":{"amount":500}}""")]
    [InlineData("""{"amount":500}""")]
    [InlineData("""{"amount":{"amount":5.5,"currency":"EUR"}}""")]
    [InlineData("""{"amount":{"amount":500,"currency":"EUR"},"wallet":"bob"}""")]
    [InlineData("""{}""")]
    public async Task A_deposit_that_makes_no_sense_is_refused_and_its_key_is_still_free(string body)
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();

        await HttpAssert.ProblemAsync(await payments.DepositAsync(ada, "k1", body), HttpStatusCode.BadRequest, "validation-failed");

        Assert.Equal(HttpStatusCode.Created, (await payments.DepositAsync(ada, "k1")).StatusCode);
    }

    [Fact]
    public async Task A_deposit_past_the_gateway_is_refused()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/wallet/deposits")
        {
            Content = new StringContent("""{"amount":{"amount":500,"currency":"EUR"}}""", System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Add(ShopHeaders.Identity, payments.Service.Get<IdentitySigner>().Sign(ada, "payments"));
        request.Headers.Add(ShopHeaders.IdempotencyKey, "k1");

        await HttpAssert.ProblemAsync(await payments.Service.Client.SendAsync(request), HttpStatusCode.Forbidden, "forbidden");
    }

    [Fact]
    public async Task Entries_tell_the_story_of_a_wallet_newest_first_page_by_page()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var (ada, bob) = (await payments.CustomerAsync("ada"), await payments.CustomerAsync("bob"));
        await payments.DepositAsync(ada, "k1");
        await payments.AskAsync(Charge(7, ada.Id, 3_00));
        await payments.AskAsync(Charge(8, bob.Id, 4_00));
        await payments.AskAsync(new RefundPayment(7));
        var story = new List<(string Kind, long Amount, string? Order)>();

        for (var path = "/api/v1/wallet/entries?limit=3"; path is not null;)
        {
            var page = await HttpAssert.OkAsync<JsonObject>(await payments.Service.SendAsync(ada, HttpMethod.Get, path));
            story.AddRange(page["items"]!.AsArray().Select(e => ((string)e!["kind"]!, (long)e["amount"]!["amount"]!, (string?)e["orderId"])));
            path = (string?)page["next"] is { } next ? $"/api/v1/wallet/entries?limit=3&cursor={next}" : null;
        }

        Assert.Equal([("refund", 3_00, "7"), ("charge", -3_00, "7"), ("deposit", 5_00, null), ("welcome", PaymentsHost.Welcome, null)], story);
    }
}
