using Shop.Contracts.Facts;
using Shop.Contracts.Messages;

namespace Shop.IntegrationTests.Inventory;

public sealed class ConservationTests
{
    private const int Orders = 400;
    private const int Envelopes = 300;

    private static readonly string[] Skus = ["cup", "pot", "tea", "jug", "mat"];

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(300)]
    public async Task Whatever_arrives_in_whatever_order_nothing_is_made_lost_or_sold_twice(int seed)
    {
        var random = new Random(seed);
        await using var inventory = await InventoryHost.StartAsync([.. Skus.Select(sku => (sku, 150L))]);
        var reserves = Enumerable.Range(1, Orders).Select(order => Reserve(random, order)).ToList();
        var answers = new Dictionary<(long, string), OperationAnswered>();

        for (var envelope = 0; envelope < Envelopes; envelope++)
        {
            var messages = Enumerable.Range(0, random.Next(1, 25)).Select(_ => Any(random, reserves)).ToList();
            foreach (var answer in await inventory.AskAsync(messages))
            {
                var first = answers.TryAdd((answer.OrderId, answer.Operation), answer);
                Assert.True(first || answers[(answer.OrderId, answer.Operation)] == answer, $"{answer} is a second opinion");
            }
        }

        var facts = await inventory.Service.GetAsync<List<InventoryFact>>("/internal/facts");
        var reservations = facts.Where(f => f.Reservation is not null).ToDictionary(f => f.Reservation!.OrderId, f => f.Reservation!);
        foreach (var stock in facts.Select(f => f.Stock).OfType<StockFact>())
        {
            Assert.Equal(Count(FactStates.Held), stock.Reserved);
            Assert.Equal(Count(FactStates.Sold), stock.Sold);
            Assert.Equal(stock.Received, stock.Available + stock.Reserved + stock.Sold);
            Assert.True(stock.Available >= 0);

            long Count(string state) => reservations.Values
                .Where(r => r.State == state)
                .SelectMany(r => r.Lines)
                .Where(line => line.Sku == stock.Sku)
                .Sum(line => line.Quantity);
        }

        for (var order = 1; order <= Orders; order++)
        {
            var expected = !Done(OperationNames.Reserve) ? null
                : Done(OperationNames.Release) ? FactStates.Released
                : Done(OperationNames.Take) ? FactStates.Sold
                : FactStates.Held;
            Assert.Equal(expected, reservations.GetValueOrDefault(order)?.State);

            bool Done(string operation) => answers.GetValueOrDefault((order, operation))?.Outcome == OperationOutcome.Done;
        }
    }

    private static ReserveStock Reserve(Random random, long order)
    {
        string[] skus = [.. Skus];
        random.Shuffle(skus);
        return new ReserveStock(order, [.. skus.Take(random.Next(1, 4)).Select(sku => new StockLine(sku, random.Next(1, 6)))]);
    }

    private static Message Any(Random random, List<ReserveStock> reserves)
    {
        var reserve = reserves[random.Next(reserves.Count)];
        return random.Next(6) switch
        {
            0 => new ReleaseStock(reserve.OrderId),
            1 or 2 => new TakeStock(reserve.OrderId),
            _ => reserve,
        };
    }
}
