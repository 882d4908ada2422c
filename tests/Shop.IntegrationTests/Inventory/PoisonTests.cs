using Shop.Contracts.Messages;
using static Shop.IntegrationTests.Inventory.StockOperationTests;

namespace Shop.IntegrationTests.Inventory;

public sealed class PoisonTests
{
    [Fact]
    public async Task A_message_that_cannot_be_handled_is_parked_and_its_neighbours_survive()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 10));

        await inventory.Service.Transport.DeliverAsync(
            Reserve(1, ("cup", 1)), Reserve(2, ("cup", 1)), Reserve(3, ("cup", -5)), Reserve(4, ("cup", 1)), Reserve(5, ("cup", 1)));

        var answered = (await inventory.Service.Transport.NextAsync(4)).Cast<OperationAnswered>();
        Assert.Equal([1, 2, 4, 5], answered.Select(a => a.OrderId).Order());
        Assert.Equal((6, 4, 0), await inventory.StockAsync("cup"));
        var letter = Assert.Single(await inventory.DeadLettersAsync());
        Assert.Contains("\"orderId\":3", letter.Payload, StringComparison.Ordinal);
        Assert.Contains("positive quantity", letter.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_parked_message_that_comes_again_counts_up_its_one_letter()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 10));

        for (var i = 0; i < 3; i++)
        {
            await inventory.Service.Transport.DeliverAsync(Reserve(3, ("cup", 0)));
        }

        Assert.Equal(3, Assert.Single(await inventory.DeadLettersAsync()).Arrivals);
    }

    [Fact]
    public async Task A_message_for_another_service_is_parked()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 10));

        await inventory.Service.Transport.DeliverAsync(new RefundPayment(1), Reserve(2, ("cup", 1)));

        Assert.Equal(2, Assert.IsType<OperationAnswered>(Assert.Single(await inventory.Service.Transport.NextAsync(1))).OrderId);
        Assert.Contains("RefundPayment", Assert.Single(await inventory.DeadLettersAsync()).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_that_is_no_message_is_parked_and_the_rest_of_its_envelope_is_handled()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 10));

        await inventory.Service.Transport.DeliverTextAsync(
            """[{"type":"reserve-stock","orderId":1,"lines":[{"sku":"cup","quantity":1}]},{"type":"from-the-future"}]""", "no json");

        Assert.Single(await inventory.Service.Transport.NextAsync(1));
        Assert.Equal(2, (await inventory.DeadLettersAsync()).Count);
        Assert.Equal((9, 1, 0), await inventory.StockAsync("cup"));
    }
}
