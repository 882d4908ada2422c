using System.Net;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts.Facts;
using Shop.Contracts.Messages;
using Shop.IntegrationTests.Support;
using Shop.Inventory.Facts;
using Shop.Inventory.Storage;
using static Shop.IntegrationTests.Inventory.StockOperationTests;

namespace Shop.IntegrationTests.Inventory;

public sealed class InventoryFactsTests
{
    [Fact]
    public async Task Facts_list_reservations_by_order_and_then_stock_by_sku()
    {
        await using var inventory = await InventoryHost.StartAsync(("pot", 9), ("cup", 9));
        await inventory.AskAsync(Reserve(30, ("cup", 1)), Reserve(10, ("pot", 2)), Reserve(20, ("cup", 3)), Reserve(40, ("cup", 99)));
        await inventory.AskAsync(new TakeStock(10), new ReleaseStock(20));

        var facts = await inventory.Service.GetAsync<List<InventoryFact>>("/internal/facts");

        Assert.Equal(
            [(10, FactStates.Sold), (20, FactStates.Released), (30, FactStates.Held)],
            facts.Select(f => f.Reservation).OfType<ReservationFact>().Select(r => (r.OrderId, r.State)));
        Assert.Equal(
            [new StockFact("cup", 8, 1, 0, 9), new StockFact("pot", 7, 0, 2, 9)],
            facts.Skip(3).Select(f => f.Stock));
    }

    [Fact]
    public async Task Facts_are_of_one_moment_even_if_the_stock_moves_while_they_are_read()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 100));
        await inventory.AskAsync(Reserve(1, ("cup", 1)), Reserve(2, ("cup", 1)));
        var facts = new List<InventoryFact>();

        await foreach (var fact in InventoryFacts.Stream(inventory.Service.Get<Database<InventoryDbContext>>(), CancellationToken.None))
        {
            facts.Add(fact);
            if (facts.Count == 1)
            {
                await inventory.AskAsync(Reserve(3, ("cup", 10)));
            }
        }

        Assert.Equal([1, 2], facts.Select(f => f.Reservation).OfType<ReservationFact>().Select(r => r.OrderId));
        Assert.Equal(2, facts[^1].Stock!.Reserved);
        Assert.Equal((88, 12, 0), await inventory.StockAsync("cup"));
    }

    [Fact]
    public async Task One_reservation_can_be_looked_up()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 9));
        await inventory.AskAsync(Reserve(7, ("cup", 2)));

        var fact = await inventory.Service.GetAsync<ReservationFact>("/internal/facts/reservations/7");

        Assert.Equal((7, FactStates.Held, new StockLine("cup", 2)), (fact.OrderId, fact.State, Assert.Single(fact.Lines)));
        await HttpAssert.ProblemAsync(
            await inventory.Service.Client.GetAsync("/internal/facts/reservations/8"), HttpStatusCode.NotFound, "not-found");
    }
}
