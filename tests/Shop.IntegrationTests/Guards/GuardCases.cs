using System.Net;
using System.Net.Http.Json;
using Shop.Contracts.Messages;
using Shop.IntegrationTests.Support;

namespace Shop.IntegrationTests.Guards;

/// <summary>For each guard the schedule that breaks an invariant without it.</summary>
internal static class GuardCases
{
    public static readonly IReadOnlyList<GuardCase> All =
    [
        new("Dedupe", "key of `operations`", "a declined charge comes again after a deposit", "3: charged, though rejected", DedupeAsync),
        new("Tombstones", "-", "a reserve arrives after the order was given up", "3: held, though rejected", TombstonesAsync),
        new("Idempotency", "unique index on the key", "each request is sent twice", "5: two orders for one key", IdempotencyAsync),
        new("Outbox", "-", "the receiver is away right after the commit", "a price is never heard of", OutboxAsync),
        new("Confirms", "-", "the receiver is away when the relay sends", "a price is never heard of", ConfirmsAsync),
        new("Decisions", "key of `decisions`", "a hold expires while the other try is still under way", "3: paid for goods that were given back", DecisionsAsync),
        new("Resend", "-", "a message is confirmed and lost", "4: never final", ResendAsync),
    ];

    private static async Task<long> DedupeAsync(bool isOn)
    {
        await using var schedule = await Schedule.StartAsync("Dedupe", isOn);
        using var customer = await schedule.Shop.CustomerAsync("saga");
        var sku = await schedule.Shop.ProductAsync(price: 20_000);
        schedule.Road.Script = message => message is ChargePayment ? Fate.DeliverAndKeep : Fate.Deliver;
        var orders = await Schedule.OrderAsync(customer, sku);
        await Schedule.FinalAsync(customer, orders);

        await customer.DepositAsync(10_000_000).Expect(HttpStatusCode.Created);
        schedule.Road.Script = _ => Fate.Deliver;
        await schedule.Road.ReleaseAsync();
        return await schedule.DamageAsync();
    }

    private static async Task<long> TombstonesAsync(bool isOn)
    {
        await using var schedule = await Schedule.StartAsync("Tombstones", isOn, ("Checkout:Timeout", "00:00:00.600"));
        using var customer = await schedule.Shop.CustomerAsync("saga");
        var sku = await schedule.Shop.ProductAsync(price: 1);
        schedule.Road.Script = message => message is ReserveStock ? Fate.Keep : Fate.Deliver;
        await Schedule.FinalAsync(customer, await Schedule.OrderAsync(customer, sku));

        schedule.Road.Script = _ => Fate.Deliver;
        await schedule.Road.ReleaseAsync();
        return await schedule.DamageAsync();
    }

    private static async Task<long> IdempotencyAsync(bool isOn)
    {
        await using var schedule = await Schedule.StartAsync("Idempotency", isOn);
        using var customer = await schedule.Shop.CustomerAsync("saga");
        var sku = await schedule.Shop.ProductAsync(price: 1);
        await Task.WhenAll(Enumerable.Range(0, Schedule.Orders * 2).Select(i => customer.OrderAsync(sku, 1, $"key-{i / 2}").Expect(HttpStatusCode.Accepted)));
        return await schedule.DamageAsync();
    }

    private static Task<long> OutboxAsync(bool isOn) => NewPricesAsync("Outbox", isOn);

    private static Task<long> ConfirmsAsync(bool isOn) => NewPricesAsync("Confirms", isOn);

    // Orders in a checkout would be saved by the re-send. A new price is told once: if that is lost, the old one is charged for ever.
    private static async Task<long> NewPricesAsync(string guard, bool isOn)
    {
        await using var schedule = await Schedule.StartAsync(guard, isOn);
        using var customer = await schedule.Shop.CustomerAsync("saga");
        var skus = await Task.WhenAll(Enumerable.Range(0, Schedule.Orders).Select(_ => schedule.Shop.ProductAsync(price: 1)));
        foreach (var sku in skus)
        {
            await customer.OrderAsync(sku, 1, prefer: "wait=30").Expect(HttpStatusCode.OK); // ordering knows the product and its old price
        }

        var refused = 0;
        schedule.Road.Script = message => message is ProductChanged && Interlocked.Increment(ref refused) > 0 ? Fate.Refuse : Fate.Deliver;
        await Task.WhenAll(skus.Select(sku => PriceAsync(schedule.Shop, sku, 2)));
        await UntilAsync(() => refused > 0);
        await Task.Delay(300);
        schedule.Road.Script = _ => Fate.Deliver;

        var damaged = 0L;
        for (var tries = 0; tries < (isOn ? 600 : 10); tries++) // what was lost stays lost, and the rest needs a moment
        {
            await Task.Delay(100);
            var orders = await Task.WhenAll(skus.Select(sku => customer.OrderAsync(sku, 1).Expect(HttpStatusCode.Accepted)));
            damaged = orders.Count(order => order.Body["total"]!["amount"]!.GetValue<long>() != 2);
            if (damaged == 0)
            {
                break;
            }
        }

        return damaged;
    }

    private static async Task<long> DecisionsAsync(bool isOn)
    {
        await using var schedule = await Schedule.StartAsync(
            "Decisions", isOn, ("Checkout:HoldFor", "00:00:00.300"), ("Checkout:ResendAfter", "00:05:00"), ("Checkout:Callers", "32"), ("InternalClients:Timeout", "00:01:00"));
        using var customer = await schedule.Shop.CustomerAsync("tcc");
        var sku = await schedule.Shop.ProductAsync(price: 1);

        // Payments is slow, so the coordinator still waits when inventory's holds expire and it asks.
        var late = new TaskCompletionSource();
        var reserved = 0;
        schedule.Calls.Before = commands => commands.Any(c => c is AuthorizePayment) ? late.Task : Task.CompletedTask;
        schedule.Calls.After = commands =>
        {
            Interlocked.Add(ref reserved, commands.Count(c => c is ReserveStock));
            return Task.CompletedTask;
        };
        await Schedule.OrderAsync(customer, sku);
        await UntilAsync(async () => reserved == Schedule.Orders && (await customer.StockAsync(sku))["reserved"]!.GetValue<long>() == 0);
        late.SetResult();
        return await schedule.DamageAsync();
    }

    private static async Task<long> ResendAsync(bool isOn)
    {
        await using var schedule = await Schedule.StartAsync("Resend", isOn);
        using var customer = await schedule.Shop.CustomerAsync("saga");
        var sku = await schedule.Shop.ProductAsync(price: 1);
        var seen = new System.Collections.Concurrent.ConcurrentDictionary<long, bool>();
        schedule.Road.Script = message => message is ReserveStock reserve && seen.TryAdd(reserve.OrderId, true) ? Fate.Drop : Fate.Deliver;
        await Schedule.OrderAsync(customer, sku);
        return await schedule.DamageAsync();
    }

    private static async Task PriceAsync(EmbeddedShopHost shop, string sku, long amount)
    {
        var product = new { name = $"Product {sku}", description = "For one test.", price = new { amount, currency = "EUR" } };
        (await shop.Operator.PutAsJsonAsync($"{shop.InventoryAddress}/ops/products/{sku}", product)).EnsureSuccessStatusCode();
    }

    private static Task UntilAsync(Func<bool> isSo) => UntilAsync(() => Task.FromResult(isSo()));

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        for (var i = 0; !await isSo(); i++)
        {
            Assert.True(i < 600, "It did not come true.");
            await Task.Delay(50);
        }
    }
}
