using Shop.IntegrationTests.Support;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Api;

/// <summary>What an order may be, and how its placing is answered.</summary>
[Collection(SharedShop.Name)]
public sealed class OrderTests(ShopFixture shop) : IAsyncLifetime
{
    private ShopClient _customer = null!;

    public async Task InitializeAsync() => _customer = await shop.Host.CustomerAsync();

    public Task DisposeAsync()
    {
        _customer.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_placed_order_is_a_202_that_tells_where_to_look()
    {
        var sku = await shop.Host.ProductAsync(price: 199);
        var reply = await _customer.OrderAsync(sku, 3).Expect(Accepted);
        var id = reply.Body["id"]!.GetValue<string>();
        Assert.Equal($"/api/v1/orders/{id}", reply.Header("Location"));
        Assert.Equal("1", reply.Header("Retry-After"));
        Assert.Null(reply.Header("Preference-Applied"));
        Assert.Null(reply.Header("Idempotent-Replayed"));
        Assert.Equal(
            ["id", "status", "checkout", "lines", "total", "createdAt", "updatedAt", "version"], reply.Body.AsObject().Select(member => member.Key));
        Assert.Equal("saga", reply.Body["checkout"]!.GetValue<string>());
        Assert.Equal($$"""{"amount":597,"currency":"EUR"}""", reply.Body["total"]!.ToJsonString());
        Assert.Equal(
            $$$"""[{"sku":"{{{sku}}}","name":"Product {{{sku}}}","quantity":3,"unitPrice":{"amount":199,"currency":"EUR"}}]""",
            reply.Body["lines"]!.ToJsonString());
        Assert.Matches("^[0-9T:.-]+(Z|\\+00:00)$", reply.Body["createdAt"]!.GetValue<string>());

        var order = await _customer.FinalAsync(id);
        Assert.Equal("confirmed", order["status"]!.GetValue<string>());
        Assert.Null(order["reason"]);
        Assert.Equal(10_000 - 597, await _customer.BalanceAsync());
        Assert.Equal(997, (await _customer.StockAsync(sku))["onHand"]!.GetValue<long>());
    }

    [Theory]
    [InlineData("wait=30", "wait=30")]
    [InlineData("wait=999", "wait=30")]
    [InlineData("wait=99999999999999999999", "wait=30")]
    [InlineData("respond-async, wait=20", "wait=20")]
    [InlineData("WAIT = 20", "wait=20")]
    [InlineData("wait=20; urgent", "wait=20")]
    [InlineData("wait=\"20\"", "wait=20")]
    [InlineData("wait=abc, wait=20", "wait=20")]
    public async Task Whoever_prefers_to_wait_gets_the_final_state_as_a_200(string prefer, string applied)
    {
        var reply = await _customer.OrderAsync("umbrella", prefer: prefer).Expect(OK);
        Assert.Equal(applied, reply.Header("Preference-Applied"));
        Assert.Equal("confirmed", reply.Body["status"]!.GetValue<string>());
        Assert.Equal($"/api/v1/orders/{reply.Body["id"]}", reply.Header("Location"));
        Assert.Null(reply.Header("Retry-After"));
    }

    [Theory]
    [InlineData("wait")]
    [InlineData("wait=")]
    [InlineData("wait=-1")]
    [InlineData("wait=1.5")]
    [InlineData("wait=soon")]
    [InlineData("handling=lenient")]
    [InlineData(",,;=")]
    public async Task A_preference_that_cannot_be_read_is_ignored(string prefer)
    {
        var reply = await _customer.OrderAsync("umbrella", prefer: prefer).Expect(Accepted);
        Assert.Null(reply.Header("Preference-Applied"));
    }

    [Theory]
    [InlineData("""{"lines":[]}""", "lines")]
    [InlineData("""{"lines":[{"sku":"no-such-product","quantity":1}]}""", "lines[0].sku")]
    [InlineData("""{"lines":[{"sku":"UMBRELLA","quantity":1}]}""", "lines[0].sku")]
    [InlineData("""{"lines":[{"sku":"umbrella\n","quantity":1}]}""", "lines[0].sku")]
    [InlineData("""{"lines":[{"sku":"../../internal/facts","quantity":1}]}""", "lines[0].sku")]
    [InlineData("""{"lines":[{"sku":"?x=1","quantity":1}]}""", "lines[0].sku")]
    [InlineData("""{"lines":[{"sku":"\u0000","quantity":1}]}""", "lines[0].sku")]
    [InlineData("""{"lines":[{"sku":"","quantity":1}]}""", "lines[0].sku")]
    [InlineData("""{"lines":[{"sku":".","quantity":1}]}""", "lines[0].sku")]
    [InlineData("""{"lines":[{"sku":"..","quantity":1}]}""", "lines[0].sku")]
    [InlineData("""{"lines":[{"sku":null,"quantity":1}]}""", null)]
    [InlineData("""{"lines":[{"sku":"\ud800","quantity":1}]}""", null)]
    [InlineData("""{"lines":[{"quantity":1}]}""", null)]
    [InlineData("""{"lines":[{"sku":"umbrella"}]}""", null)]
    [InlineData("""{"lines":[null]}""", "lines[0].sku")]
    [InlineData("""{"lines":{"sku":"umbrella","quantity":1}}""", "lines")]
    [InlineData("""{"lines":[{"sku":"umbrella","quantity":0}]}""", "lines[0].quantity")]
    [InlineData("""{"lines":[{"sku":"umbrella","quantity":-1}]}""", "lines[0].quantity")]
    [InlineData("""{"lines":[{"sku":"umbrella","quantity":1001}]}""", "lines[0].quantity")]
    [InlineData("""{"lines":[{"sku":"umbrella","quantity":2147483647}]}""", "lines[0].quantity")]
    [InlineData("""{"lines":[{"sku":"umbrella","quantity":2147483648}]}""", "lines[0].quantity")]
    [InlineData("""{"lines":[{"sku":"umbrella","quantity":1e400}]}""", "lines[0].quantity")]
    [InlineData("""{"lines":[{"sku":"umbrella","quantity":"1"}]}""", "lines[0].quantity")]
    [InlineData("""{"lines":[{"sku":"umbrella","quantity":1},{"sku":"umbrella","quantity":2}]}""", "lines[1].sku")]
    [InlineData("""{"lines":[{"sku":"umbrella","quantity":1,"unitPrice":{"amount":1,"currency":"EUR"}}]}""", "lines[0].unitPrice")]
    [InlineData("""{"lines":[{"sku":"umbrella","quantity":1}],"total":{"amount":1,"currency":"EUR"}}""", "total")]
    [InlineData("""{"lines":[{"sku":"umbrella","quantity":1}],"status":"confirmed"}""", "status")]
    [InlineData("""{"lines":[{"sku":"umbrella","quantity":1}],"customerId":"1"}""", "customerId")]
    [InlineData("""{"lines":[{"sku":"umbrella","quantity":1}],"checkout":1}""", "checkout")]
    public async Task What_is_no_order_is_a_400_and_leaves_none(string body, string? member)
    {
        var reply = await PostAsync(body).ExpectProblem(BadRequest, "validation-failed");
        Assert.True(member is null || reply.Body["errors"]![member] is not null, reply.Text);
        Assert.Empty((await _customer.GetAsync("/api/v1/orders").Expect(OK)).Body["items"]!.AsArray());
        Assert.Equal(10_000, await _customer.BalanceAsync());
    }

    [Fact]
    public async Task Every_error_of_an_order_is_told_at_once()
    {
        var reply = await PostAsync("""{"lines":[{"sku":"nothing","quantity":0},{"sku":"umbrella","quantity":1},{"sku":"umbrella","quantity":1001}]}""")
            .ExpectProblem(BadRequest, "validation-failed");
        Assert.Equal(
            ["lines[0].quantity", "lines[0].sku", "lines[2].quantity", "lines[2].sku"],
            reply.Body["errors"]!.AsObject().Select(error => error.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_order_has_at_most_50_lines_and_1000_of_each()
    {
        var page = (await _customer.GetAsync("/api/v1/products?limit=51").Expect(OK)).Body["items"]!.AsArray();
        var skus = page.Select(item => item!["sku"]!.GetValue<string>()).ToList();
        await _customer.OrderAsync([.. skus.Take(50).Select(sku => (sku, 1000))]).Expect(Accepted); // recorded, and then declined: nobody has that much
        var reply = await _customer.OrderAsync([.. skus.Select(sku => (sku, 1))]).ExpectProblem(BadRequest, "validation-failed");
        Assert.NotNull(reply.Body["errors"]!["lines"]);
    }

    [Theory]
    [InlineData("xa")] // SQLite has no prepared transactions
    [InlineData("SAGA")]
    [InlineData("")]
    [InlineData("no-such-checkout")]
    public async Task A_checkout_that_this_shop_does_not_have_is_a_400_of_its_own(string checkout) =>
        await PostAsync($$"""{"lines":[{"sku":"umbrella","quantity":1}],"checkout":"{{checkout}}"}""").ExpectProblem(BadRequest, "checkout-not-supported");

    [Theory]
    [InlineData("saga")]
    [InlineData("tcc")]
    [InlineData("message")]
    public async Task A_checkout_can_be_asked_for_by_name(string checkout) => Assert.Equal(
        checkout,
        (await PostAsync($$"""{"lines":[{"sku":"umbrella","quantity":1}],"checkout":"{{checkout}}"}""").Expect(Accepted)).Body["checkout"]!.GetValue<string>());

    [Fact]
    public async Task Without_a_session_no_order_is_taken() =>
        await shop.Host.Anonymous().OrderAsync("umbrella").ExpectProblem(Unauthorized, "unauthorized");

    private Task<Reply> PostAsync(string body) => _customer.PostAsync("/api/v1/orders", body, ("Idempotency-Key", Guid.NewGuid().ToString()));
}
