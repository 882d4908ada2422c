using System.Globalization;
using System.Text.Json.Nodes;
using Shop.IntegrationTests.Support;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Api;

[Collection(SharedShop.Name)]
public sealed class WalletTests(ShopFixture shop) : IAsyncLifetime
{
    private ShopClient _customer = null!;

    public async Task InitializeAsync() => _customer = await shop.Host.CustomerAsync();

    public Task DisposeAsync()
    {
        _customer.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_deposit_is_a_201_and_in_the_wallet()
    {
        var reply = await _customer.DepositAsync(1_234).Expect(Created);
        Assert.Equal(["id", "amount", "createdAt"], reply.Body.AsObject().Select(member => member.Key));
        Assert.Equal("""{"amount":1234,"currency":"EUR"}""", reply.Body["amount"]!.ToJsonString());
        Assert.Equal(11_234, await _customer.BalanceAsync());
    }

    [Fact]
    public async Task A_repeated_deposit_is_answered_again_and_paid_in_once()
    {
        var key = Guid.NewGuid().ToString();
        var first = await _customer.DepositAsync(100, key).Expect(Created);
        var repeat = await _customer.DepositAsync(100, key).Expect(Created);
        Assert.Equal(first.Body.ToJsonString(), repeat.Body.ToJsonString());
        Assert.Equal(first.Header("Location"), repeat.Header("Location"));
        Assert.Null(first.Header("Idempotent-Replayed"));
        Assert.Equal("true", repeat.Header("Idempotent-Replayed"));
        Assert.Equal(10_100, await _customer.BalanceAsync());
    }

    [Theory]
    [InlineData("""{"amount":{"amount":0,"currency":"EUR"}}""")]
    [InlineData("""{"amount":{"amount":-100,"currency":"EUR"}}""")]
    [InlineData("""{"amount":{"amount":1000000000000,"currency":"EUR"}}""")]
    [InlineData("""{"amount":{"amount":9223372036854775807,"currency":"EUR"}}""")]
    [InlineData("""{"amount":{"amount":9223372036854775808,"currency":"EUR"}}""")]
    [InlineData("""{"amount":{"amount":-9223372036854775808,"currency":"EUR"}}""")]
    [InlineData("""{"amount":{"amount":1.5,"currency":"EUR"}}""")]
    [InlineData("""{"amount":{"amount":"100","currency":"EUR"}}""")]
    [InlineData("""{"amount":{"amount":100,"currency":"USD"}}""")]
    [InlineData("""{"amount":{"amount":100,"currency":"eur"}}""")]
    [InlineData("""{"amount":{"amount":100,"currency":""}}""")]
    [InlineData("""{"amount":{"amount":100,"currency":null}}""")]
    [InlineData("""{"amount":{"amount":100}}""")]
    [InlineData("""{"amount":{"currency":"EUR"}}""")]
    [InlineData("""{"amount":{"amount":100,"currency":"EUR","scale":2}}""")]
    [InlineData("""{"amount":100}""")]
    [InlineData("""{"amount":null}""")]
    [InlineData("""{"amount":{"amount":100,"currency":"EUR"},"customerId":"1"}""")]
    [InlineData("{}")]
    public async Task What_is_no_amount_in_EUR_is_a_400(string body)
    {
        var reply = await _customer.PostAsync("/api/v1/wallet/deposits", body, ("Idempotency-Key", Guid.NewGuid().ToString()))
            .ExpectProblem(BadRequest, "validation-failed");
        Assert.NotEmpty(reply.Body["errors"]!.AsObject());
        Assert.Equal(10_000, await _customer.BalanceAsync());
    }

    [Fact]
    public async Task The_entries_explain_the_balance_newest_first()
    {
        var sku = await shop.Host.ProductAsync(price: 700);
        await _customer.DepositAsync(2_000).Expect(Created);
        var order = await _customer.OrderAsync(sku, prefer: "wait=30").Expect(OK);
        var id = order.Body["id"]!.GetValue<string>();
        await _customer.PostAsync($"/api/v1/orders/{id}/cancel", null).Expect(Accepted);
        await _customer.FinalAsync(id);
        await _customer.OrderAsync("expedition-tent", prefer: "wait=30").Expect(OK); // declined: leaves no entry

        var entries = (await _customer.GetAsync("/api/v1/wallet/entries").Expect(OK)).Body["items"]!.AsArray();
        Assert.Equal(
            [("refund", 700L, id), ("charge", -700L, id), ("deposit", 2_000L, null), ("welcome", 10_000L, null)],
            entries.Select(e => (e!["kind"]!.GetValue<string>(), Amount(e), e["orderId"]?.GetValue<string>())));
        Assert.Equal(await _customer.BalanceAsync(), entries.Sum(entry => Amount(entry!)));
        Assert.All(entries, entry =>
        {
            Assert.Equal("EUR", entry!["amount"]!["currency"]!.GetValue<string>());
            Assert.Equal(TimeSpan.Zero, DateTimeOffset.Parse(entry["at"]!.GetValue<string>(), CultureInfo.InvariantCulture).Offset);
            Assert.Matches("^[0-9]+$", entry["id"]!.GetValue<string>());
        });
    }

    [Fact]
    public async Task The_entries_come_in_pages_and_each_once()
    {
        for (var amount = 1; amount <= 6; amount++)
        {
            await _customer.DepositAsync(amount).Expect(Created);
        }

        var seen = new List<long>();
        for (var path = "/api/v1/wallet/entries?limit=3"; path is not null;)
        {
            var page = await _customer.GetAsync(path).Expect(OK);
            seen.AddRange(page.Body["items"]!.AsArray().Select(entry => Amount(entry!)));
            path = Links.Next(page);
        }

        Assert.Equal([6, 5, 4, 3, 2, 1, 10_000], seen);
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=101")]
    [InlineData("cursor=nonsense")]
    public async Task A_page_that_cannot_be_is_a_400(string query) =>
        await _customer.GetAsync($"/api/v1/wallet/entries?{query}").ExpectProblem(BadRequest, "validation-failed");

    [Fact]
    public async Task An_unchanged_wallet_is_a_304()
    {
        var wallet = await _customer.GetAsync("/api/v1/wallet").Expect(OK);
        await _customer.GetAsync("/api/v1/wallet", ("If-None-Match", wallet.Header("ETag")!)).Expect(NotModified);
        await _customer.DepositAsync(1).Expect(Created);
        await _customer.GetAsync("/api/v1/wallet", ("If-None-Match", wallet.Header("ETag")!)).Expect(OK);
    }

    [Fact]
    public async Task Many_deposits_at_once_all_arrive()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _customer.DepositAsync(10).Expect(Created)));
        Assert.Equal(10_200, await _customer.BalanceAsync());
    }

    [Theory]
    [InlineData("GET", "/api/v1/wallet")]
    [InlineData("GET", "/api/v1/wallet/entries")]
    [InlineData("POST", "/api/v1/wallet/deposits")]
    public async Task Without_a_session_there_is_no_wallet(string method, string path) =>
        await shop.Host.Anonymous().SendAsync(new HttpMethod(method), path, method is "POST" ? "{}" : null, ("Idempotency-Key", "k"))
            .ExpectProblem(Unauthorized, "unauthorized");

    private static long Amount(JsonNode entry) => entry["amount"]!["amount"]!.GetValue<long>();
}
