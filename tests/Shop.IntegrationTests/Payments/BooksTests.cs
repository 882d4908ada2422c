using Shop.Contracts.Facts;
using Shop.Contracts.Messages;
using Shop.ServiceDefaults;
using static Shop.IntegrationTests.Payments.PaymentOperationTests;

namespace Shop.IntegrationTests.Payments;

public sealed class BooksTests
{
    private const int Orders = 400;
    private const int Envelopes = 250;

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(300)]
    public async Task Whatever_arrives_in_whatever_order_the_books_balance_and_no_order_is_charged_twice(int seed)
    {
        var random = new Random(seed);
        await using var payments = await PaymentsHost.StartAsync();
        var customers = new List<Customer>();
        for (var i = 0; i < 8; i++)
        {
            customers.Add(await payments.CustomerAsync($"customer {i}"));
        }

        var charges = Enumerable.Range(1, Orders).Select(o => Charge(o, customers[random.Next(8)].Id, random.Next(0, 20_00))).ToList();
        var answers = new Dictionary<(long, string), OperationAnswered>();

        for (var envelope = 0; envelope < Envelopes; envelope++)
        {
            if (random.Next(10) == 0)
            {
                await payments.DepositAsync(customers[random.Next(8)], key: $"key {random.Next(30)}");
            }

            var messages = Enumerable.Range(0, random.Next(1, 25)).Select(_ => Any(random, charges)).ToList();
            foreach (var answer in await payments.AskAsync(messages))
            {
                var first = answers.TryAdd((answer.OrderId, answer.Operation), answer);
                Assert.True(first || answers[(answer.OrderId, answer.Operation)] == answer, $"{answer} is a second opinion");
            }
        }

        await payments.AssertBooksBalanceAsync();
        var facts = (await payments.FactsAsync()).Select(f => f.Payment).OfType<PaymentFact>().ToDictionary(p => p.OrderId);
        foreach (var charge in charges)
        {
            var expected = !Done(OperationNames.Charge) ? null : Done(OperationNames.Refund) ? FactStates.Refunded : FactStates.Captured;
            Assert.Equal(expected, facts.GetValueOrDefault(charge.OrderId)?.State);
            Assert.True(expected is null || facts[charge.OrderId].Amount == charge.Amount);

            bool Done(string operation) => answers.GetValueOrDefault((charge.OrderId, operation))?.Outcome == OperationOutcome.Done;
        }
    }

    private static Message Any(Random random, List<ChargePayment> charges)
    {
        var charge = charges[random.Next(charges.Count)];
        return random.Next(4) == 0 ? new RefundPayment(charge.OrderId) : charge;
    }
}
