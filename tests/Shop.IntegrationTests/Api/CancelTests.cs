using Shop.IntegrationTests.Support;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Api;

public abstract class CancelTests(ShopFixture shop, string checkout) : IAsyncLifetime
{
    private ShopClient _customer = null!;

    public async Task InitializeAsync() => _customer = await shop.Host.CustomerAsync(checkout);

    public Task DisposeAsync()
    {
        _customer.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_confirmed_order_can_be_cancelled_and_money_and_stock_come_back()
    {
        var sku = await shop.Host.ProductAsync(price: 400, stock: 5);
        var order = await _customer.OrderAsync(sku, 2, prefer: "wait=30").Expect(OK);
        Assert.Equal(10_000 - 800, await _customer.BalanceAsync());

        var cancel = await CancelAsync(order).Expect(Accepted);
        Assert.Equal("1", cancel.Header("Retry-After"));
        Assert.Contains(cancel.Body["status"]!.GetValue<string>(), (string[])["cancelling", "cancelled"]);
        Assert.Equal(order.Header("Location"), cancel.Header("Location"));

        var final = await _customer.FinalAsync(order.Body["id"]!.GetValue<string>());
        Assert.Equal(("cancelled", "customer"), (final["status"]!.GetValue<string>(), final["reason"]!.GetValue<string>()));
        Assert.True(final["version"]!.GetValue<int>() > order.Body["version"]!.GetValue<int>());
        Assert.Equal(10_000, await _customer.BalanceAsync());
        var stock = await _customer.StockAsync(sku);
        Assert.Equal((5, 5, 0), (stock["onHand"]!.GetValue<long>(), stock["available"]!.GetValue<long>(), stock["reserved"]!.GetValue<long>()));
    }

    [Fact]
    public async Task A_cancelled_order_is_not_cancellable()
    {
        var order = await _customer.OrderAsync("umbrella", prefer: "wait=30").Expect(OK);
        await CancelAsync(order).Expect(Accepted);
        await _customer.FinalAsync(order.Body["id"]!.GetValue<string>());
        var again = await CancelAsync(order).ExpectProblem(Conflict, "not-cancellable");
        Assert.Null(again.Header("Retry-After")); // coming back would not help
        Assert.Equal(10_000, await _customer.BalanceAsync());
    }

    [Fact]
    public async Task A_rejected_order_is_not_cancellable()
    {
        var order = await _customer.OrderAsync("expedition-tent", prefer: "wait=30").Expect(OK);
        await CancelAsync(order).ExpectProblem(Conflict, "not-cancellable");
    }

    [Fact]
    public async Task Many_cancels_at_once_give_the_money_back_once()
    {
        var sku = await shop.Host.ProductAsync(price: 400, stock: 5);
        var order = await _customer.OrderAsync(sku, prefer: "wait=30").Expect(OK);
        var cancels = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => CancelAsync(order)));
        Assert.All(cancels, cancel => Assert.True(cancel.Status is Accepted || cancel.Code is "not-cancellable", cancel.Text));
        await _customer.FinalAsync(order.Body["id"]!.GetValue<string>());
        Assert.Equal(10_000, await _customer.BalanceAsync());
        Assert.Equal(5, (await _customer.StockAsync(sku))["available"]!.GetValue<long>());
    }

    [Fact]
    public async Task A_cancel_that_races_the_checkout_ends_with_everything_back()
    {
        var sku = await shop.Host.ProductAsync(price: 10, stock: 100);
        var orders = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            var order = await _customer.OrderAsync(sku).Expect(Accepted);
            await CancelAsync(order).Expect(Accepted);
            return order.Body["id"]!.GetValue<string>();
        }));

        foreach (var id in orders)
        {
            Assert.Equal("cancelled", (await _customer.FinalAsync(id))["status"]!.GetValue<string>());
        }

        Assert.Equal(10_000, await _customer.BalanceAsync());
        Assert.Equal(100, (await _customer.StockAsync(sku))["available"]!.GetValue<long>());
    }

    [Theory]
    [InlineData("1")]
    [InlineData("abc")]
    [InlineData("9223372036854775808")]
    public async Task What_is_not_there_cannot_be_cancelled(string id) =>
        await _customer.PostAsync($"/api/v1/orders/{id}/cancel", null).ExpectProblem(NotFound, "not-found");

    private Task<Reply> CancelAsync(Reply order) => _customer.PostAsync($"{order.Header("Location")}/cancel", null);
}

[Collection(SharedShop.Name)]
public sealed class CancelBySagaTests(ShopFixture shop) : CancelTests(shop, "saga");

[Collection(SharedShop.Name)]
public sealed class CancelByTccTests(ShopFixture shop) : CancelTests(shop, "tcc");

[Collection(SharedShop.Name)]
public sealed class CancelByMessageTests(ShopFixture shop) : CancelTests(shop, "message");
