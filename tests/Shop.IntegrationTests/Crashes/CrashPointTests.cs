using System.Net;
using Shop.IntegrationTests.Support;

namespace Shop.IntegrationTests.Crashes;

/// <summary>One order, one crash between two writes, one restart: the order ends once, whichever of the writes it was.</summary>
/// <remarks>An order makes six envelopes: reserve, its answer, charge, its answer, take, its answer.</remarks>
public abstract class CrashPointTests
{
    // A start can take long on a busy machine, and an order that is too old by then would rightly be given up.
    private const string Patience = "00:10:00";

    protected static async Task OneOrderSurvivesAsync(string point, int hit, string checkout = "saga")
    {
        using var data = new TempDirectory();
        var name = $"c-{Guid.NewGuid():N}";
        var key = Guid.NewGuid().ToString();

        using (var doomed = await ShopProcess.StartAsync(data.Path, Ports.Free(4), ("SHOP_CRASH_AT", $"{point}:{hit}"), ("Checkout__Timeout", Patience)))
        {
            using var client = new ShopClient(doomed.Address) { Checkout = checkout };
            client.Rename(name);
            await client.RegisterAsync().Expect(HttpStatusCode.Created);
            await client.LogInAsync();
            try
            {
                await client.OrderAsync("umbrella", 2, key);
            }
            catch (HttpRequestException)
            {
                // It died before it answered: only the key knows.
            }

            Assert.Equal(137, await doomed.WaitForExitAsync(TimeSpan.FromSeconds(120)));
            Assert.Contains($"crash point {point} hit", doomed.Output, StringComparison.Ordinal);
        }

        // What recovers need not be killed, so it runs in this process, which has compiled the shop already.
        await using var shop = await EmbeddedShopHost.StartAsync(directory: data.Path, settings: ("Checkout:Timeout", Patience));
        using var again = new ShopClient(shop.Address) { Checkout = checkout };
        again.Rename(name);
        await again.LogInAsync();
        var order = await again.OrderAsync("umbrella", 2, key).Expect(HttpStatusCode.Accepted);
        Assert.Equal("true", order.Header("Idempotent-Replayed"));

        var final = await again.FinalAsync(order.Body["id"]!.GetValue<string>());
        Assert.Equal("confirmed", final["status"]!.GetValue<string>());
        Assert.Equal(10_000 - 3_998, await again.BalanceAsync());
        Assert.Equal(4_998, (await again.StockAsync("umbrella"))["available"]!.GetValue<long>());
        Invariants.AssertHold(await shop.QuietInvariantsAsync());
    }
}

public sealed class CrashAfterTheCommitTests : CrashPointTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public Task Committed_and_not_sent(int hit) => OneOrderSurvivesAsync("outbox.after-commit", hit);

    [Fact]
    public Task Committed_and_not_acknowledged_to_the_caller() => OneOrderSurvivesAsync("intake.after-commit", 1);
}

public sealed class CrashAfterTheSendTests : CrashPointTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public Task Sent_and_still_in_the_outbox(int hit) => OneOrderSurvivesAsync("relay.after-send", hit);
}

public sealed class CrashAfterTheEffectTests : CrashPointTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public Task Done_and_not_confirmed_to_the_sender(int hit) => OneOrderSurvivesAsync("receiver.after-commit", hit);
}

/// <summary>The calls of TCC: two tries, two confirms.</summary>
public sealed class CrashBetweenTheCallsTests : CrashPointTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public Task Done_and_not_answered(int hit) => OneOrderSurvivesAsync("call.after-commit", hit, "tcc");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public Task Answered_and_not_recorded(int hit) => OneOrderSurvivesAsync("coordinator.after-answers", hit, "tcc");

    [Fact]
    public Task Decided_and_told_nobody() => OneOrderSurvivesAsync("coordinator.after-decision", 1, "tcc");
}

/// <summary>The events of the choreography: the order, the reservation, the payment, and what ordering hears of each.</summary>
public sealed class CrashBetweenTheEventsTests : CrashPointTests
{
    [Theory]
    [InlineData("outbox.after-commit", 2)]
    [InlineData("outbox.after-commit", 3)]
    [InlineData("relay.after-send", 3)]
    [InlineData("relay.after-send", 5)]
    [InlineData("receiver.after-commit", 3)]
    [InlineData("receiver.after-commit", 5)]
    public Task Between_two_events(string point, int hit) => OneOrderSurvivesAsync(point, hit, "message");
}
