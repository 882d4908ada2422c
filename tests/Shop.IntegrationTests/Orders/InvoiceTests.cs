using System.Net;
using Shop.IntegrationTests.Api;
using Shop.IntegrationTests.Support;

namespace Shop.IntegrationTests.Orders;

/// <summary>Each confirmed order has one invoice, and one that was cancelled afterwards a credit note.</summary>
public sealed class InvoiceTests
{
    [Theory]
    [InlineData("saga")]
    [InlineData("tcc")]
    [InlineData("message")]
    public async Task A_confirmed_order_has_an_invoice_and_a_cancelled_one_a_credit_note_too(string checkout)
    {
        await using var shop = await EmbeddedShopHost.StartAsync();
        using var customer = await shop.CustomerAsync(checkout);
        var order = await customer.OrderAsync("umbrella", 2, prefer: "wait=20").Expect(HttpStatusCode.OK);
        var path = $"/api/v1/orders/{order.Body["id"]}/invoice";

        var invoice = (await customer.GetAsync(path).Expect(HttpStatusCode.OK)).Body;
        Assert.Matches("^INV-[0-9]{8}$", invoice["number"]!.GetValue<string>());
        Assert.Equal(order.Body["id"]!.GetValue<string>(), invoice["orderId"]!.GetValue<string>());
        Assert.Equal(order.Body["total"]!.ToJsonString(), invoice["total"]!.ToJsonString());
        Assert.Equal(order.Body["lines"]!.ToJsonString(), invoice["lines"]!.ToJsonString());
        Assert.Null(invoice["creditNote"]);

        await customer.PostAsync($"/api/v1/orders/{order.Body["id"]}/cancel", new { }).Expect(HttpStatusCode.Accepted);
        await shop.QuietInvariantsAsync();
        var credited = (await customer.GetAsync(path).Expect(HttpStatusCode.OK)).Body;
        Assert.Equal(invoice["number"]!.GetValue<string>(), credited["number"]!.GetValue<string>());
        Assert.Matches("^CN-[0-9]{8}$", credited["creditNote"]!["number"]!.GetValue<string>());
        await shop.AssertInvariantsHoldAsync();
    }

    [Fact]
    public async Task Before_it_is_confirmed_and_to_anybody_else_there_is_no_invoice()
    {
        await using var shop = await EmbeddedShopHost.StartAsync();
        using var customer = await shop.CustomerAsync();
        using var stranger = await shop.CustomerAsync();
        var rejected = await customer.OrderAsync("expedition-tent", 1, prefer: "wait=20").Expect(HttpStatusCode.OK);
        Assert.Equal("rejected", rejected.Body["status"]!.GetValue<string>());
        var confirmed = await customer.OrderAsync("umbrella", 1, prefer: "wait=20").Expect(HttpStatusCode.OK);

        var none = await customer.GetAsync($"/api/v1/orders/{rejected.Body["id"]}/invoice").Expect(HttpStatusCode.NotFound);
        Assert.Equal("An order has an invoice once it is confirmed.", none.Body["detail"]!.GetValue<string>());
        await stranger.GetAsync($"/api/v1/orders/{confirmed.Body["id"]}/invoice").Expect(HttpStatusCode.NotFound);
        await customer.GetAsync("/api/v1/orders/1/invoice").Expect(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_bad_road_invoices_no_order_twice_and_none_that_is_not_confirmed()
    {
        var road = new BadRoad(seed: 7);
        await using var shop = await EmbeddedShopHost.StartAsync(road, directory: null, ("Checkout:ResendAfter", "00:00:00.200"));
        using var customer = await shop.CustomerAsync();
        var sku = await shop.ProductAsync(price: 100);
        var orders = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            orders.Add((await customer.OrderAsync(sku, 1).Expect(HttpStatusCode.Accepted)).Body["id"]!.GetValue<string>());
        }

        var numbers = new List<string>();
        foreach (var id in orders)
        {
            var order = await customer.FinalAsync(id, seconds: 60);
            var invoice = await customer.GetAsync($"/api/v1/orders/{id}/invoice");
            Assert.Equal(order["status"]!.GetValue<string>() == "confirmed" ? HttpStatusCode.OK : HttpStatusCode.NotFound, invoice.Status);
            if (invoice.Status is HttpStatusCode.OK)
            {
                numbers.Add(invoice.Body["number"]!.GetValue<string>());
            }
        }

        Assert.NotEmpty(numbers);
        Assert.Equal(numbers.Distinct(), numbers);
        road.Heal();
        Invariants.AssertHold(await shop.QuietInvariantsAsync());
    }
}
