using System.Text.Json.Nodes;
using Shop.IntegrationTests.Support;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Api;

/// <summary>What becomes of an order, and of the stock and the money with it.</summary>
public abstract class OrderOutcomeTests(ShopFixture shop, string checkout)
{
    [Fact]
    public async Task Two_want_the_last_one_and_one_gets_it()
    {
        using var one = await shop.Host.CustomerAsync(checkout);
        using var two = await shop.Host.CustomerAsync(checkout);
        var last = await shop.Host.ProductAsync(price: 4_900, stock: 1);

        var orders = await Task.WhenAll(one.OrderAsync(last, prefer: "wait=30").Expect(OK), two.OrderAsync(last, prefer: "wait=30").Expect(OK));

        Assert.Equal(["confirmed", "rejected"], orders.Select(Status).Order(StringComparer.Ordinal));
        Assert.Equal("out-of-stock", orders.Single(order => Status(order) is "rejected").Body["reason"]!.GetValue<string>());
        Assert.Equal(10_000 + 10_000 - 4_900, await one.BalanceAsync() + await two.BalanceAsync());
        AssertStock(await one.StockAsync(last), onHand: 0, available: 0);
    }

    [Fact]
    public async Task More_than_there_is_cannot_be_ordered_and_nothing_is_taken()
    {
        using var customer = await shop.Host.CustomerAsync(checkout);
        var sku = await shop.Host.ProductAsync(stock: 3);
        var order = await customer.OrderAsync(sku, 4, prefer: "wait=30").Expect(OK);
        Assert.Equal(("rejected", "out-of-stock"), (Status(order), Reason(order)));
        AssertStock(await customer.StockAsync(sku), onHand: 3, available: 3);
        Assert.Equal(10_000, await customer.BalanceAsync());
    }

    [Fact]
    public async Task What_the_wallet_cannot_pay_is_declined_and_the_stock_is_whole_again()
    {
        using var customer = await shop.Host.CustomerAsync(checkout);
        var before = await customer.StockAsync("expedition-tent");
        var order = await customer.OrderAsync("expedition-tent", prefer: "wait=30").Expect(OK);
        Assert.Equal(("rejected", "payment-declined"), (Status(order), Reason(order)));
        AssertStock(await customer.StockAsync("expedition-tent"), onHand: Number(before, "onHand"), available: Number(before, "available"));
        var wallet = (await customer.GetAsync("/api/v1/wallet").Expect(OK)).Body;
        Assert.Equal((10_000, 0), (wallet["balance"]!["amount"]!.GetValue<long>(), wallet["held"]!["amount"]!.GetValue<long>()));
    }

    [Fact]
    public async Task The_last_cent_can_be_spent_and_one_more_cannot()
    {
        using var customer = await shop.Host.CustomerAsync(checkout);
        var (all, cent) = (await shop.Host.ProductAsync(price: 10_000), await shop.Host.ProductAsync(price: 1));
        Assert.Equal("confirmed", Status(await customer.OrderAsync(all, prefer: "wait=30").Expect(OK)));
        Assert.Equal(0, await customer.BalanceAsync());
        Assert.Equal("payment-declined", Reason(await customer.OrderAsync(cent, prefer: "wait=30").Expect(OK)));
    }

    [Fact]
    public async Task Several_lines_are_all_had_or_none()
    {
        using var customer = await shop.Host.CustomerAsync(checkout);
        var (plenty, few) = (await shop.Host.ProductAsync(price: 100, stock: 10), await shop.Host.ProductAsync(price: 100, stock: 1));

        var rejected = await customer.OrderAsync([(plenty, 2), (few, 2)], prefer: "wait=30").Expect(OK);
        Assert.Equal(("rejected", "out-of-stock"), (Status(rejected), Reason(rejected)));
        AssertStock(await customer.StockAsync(plenty), onHand: 10, available: 10);
        AssertStock(await customer.StockAsync(few), onHand: 1, available: 1);

        Assert.Equal("confirmed", Status(await customer.OrderAsync([(plenty, 2), (few, 1)], prefer: "wait=30").Expect(OK)));
        AssertStock(await customer.StockAsync(plenty), onHand: 8, available: 8);
        AssertStock(await customer.StockAsync(few), onHand: 0, available: 0);
        Assert.Equal(10_000 - 300, await customer.BalanceAsync());
    }

    [Fact]
    public async Task Of_many_who_want_too_much_exactly_as_many_get_it_as_there_is()
    {
        var sku = await shop.Host.ProductAsync(price: 1, stock: 7);
        using var customer = await shop.Host.CustomerAsync(checkout);
        var orders = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => customer.OrderAsync(sku, prefer: "wait=30").Expect(OK)));
        Assert.Equal(7, orders.Count(order => Status(order) is "confirmed"));
        Assert.Equal(13, orders.Count(order => Reason(order) is "out-of-stock"));
        AssertStock(await customer.StockAsync(sku), onHand: 0, available: 0);
        Assert.Equal(10_000 - 7, await customer.BalanceAsync());
    }

    [Fact]
    public async Task Of_many_orders_at_once_a_wallet_pays_exactly_as_many_as_it_can()
    {
        var sku = await shop.Host.ProductAsync(price: 3_000);
        using var customer = await shop.Host.CustomerAsync(checkout);
        var orders = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => customer.OrderAsync(sku, prefer: "wait=30").Expect(OK)));
        Assert.Equal(3, orders.Count(order => Status(order) is "confirmed"));
        Assert.Equal(7, orders.Count(order => Reason(order) is "payment-declined"));
        Assert.Equal(1_000, await customer.BalanceAsync());
        AssertStock(await customer.StockAsync(sku), onHand: 997, available: 997);
    }

    [Fact]
    public async Task The_price_of_an_order_is_the_one_of_the_moment_it_was_placed()
    {
        using var customer = await shop.Host.CustomerAsync(checkout);
        var sku = await shop.Host.ProductAsync(price: 100);
        var order = await customer.OrderAsync(sku, prefer: "wait=30").Expect(OK);
        using var dearer = await shop.Host.Operator.PutAsync(
            $"{shop.Host.InventoryAddress}/ops/products/{sku}",
            System.Net.Http.Json.JsonContent.Create(new { name = "Dearer", description = "", price = new { amount = 900, currency = "EUR" } }));
        dearer.EnsureSuccessStatusCode();
        Assert.Equal(100, (await customer.GetAsync(order.Header("Location")!).Expect(OK)).Body["total"]!["amount"]!.GetValue<long>());
    }

    private static string Status(Reply order) => order.Body["status"]!.GetValue<string>();

    private static string? Reason(Reply order) => order.Body["reason"]?.GetValue<string>();

    private static long Number(JsonNode stock, string name) => stock[name]!.GetValue<long>();

    private static void AssertStock(JsonNode stock, long onHand, long available) =>
        Assert.Equal((onHand, available, 0), (Number(stock, "onHand"), Number(stock, "available"), Number(stock, "reserved")));
}

[Collection(SharedShop.Name)]
public sealed class OrderOutcomeBySagaTests(ShopFixture shop) : OrderOutcomeTests(shop, "saga");

[Collection(SharedShop.Name)]
public sealed class OrderOutcomeByTccTests(ShopFixture shop) : OrderOutcomeTests(shop, "tcc");

[Collection(SharedShop.Name)]
public sealed class OrderOutcomeByMessageTests(ShopFixture shop) : OrderOutcomeTests(shop, "message");
