using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Shop.BuildingBlocks.Locks;
using Shop.BuildingBlocks.Locks.Fencing;
using Shop.Contracts.Messages;
using Shop.IntegrationTests.Support;
using Shop.Inventory.Stock;
using static Shop.IntegrationTests.Inventory.StockOperationTests;

namespace Shop.IntegrationTests.Inventory;

/// <summary>A SKU is counted, and the book follows the shelf: once for each count, under the lock of the SKU.</summary>
public sealed class StockTakeTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(3, -2)]
    [InlineData(5, 0)]
    [InlineData(9, 4)]
    public async Task What_was_counted_is_what_there_is(long counted, long difference)
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 5));

        var take = await HttpAssert.OkAsync<JsonObject>(await CountAsync(inventory, "cup", "count-1", counted), HttpStatusCode.Created);

        Assert.Equal((5, counted, difference, "ada"), ((long)take["book"]!, (long)take["counted"]!, (long)take["difference"]!, (string?)take["who"]));
        Assert.Equal((counted, 0, 0), await inventory.StockAsync("cup"));
        var trail = await inventory.Service.GetAsync<JsonObject>("/ops/audit");
        Assert.Contains("\"stock-take\"", trail.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_count_that_is_repeated_is_booked_once_and_gets_the_same_answer()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 5));
        var first = await HttpAssert.OkAsync<JsonObject>(await CountAsync(inventory, "cup", "count-1", 3), HttpStatusCode.Created);
        await inventory.Service.Client.PostAsJsonAsync("/ops/stock/cup/receipts", new { receiptId = "r1", quantity = 10 });

        var repeat = await HttpAssert.OkAsync<JsonObject>(await CountAsync(inventory, "cup", "count-1", 3));

        Assert.Equal(first.ToJsonString(), repeat.ToJsonString());
        Assert.Equal((13, 0, 0), await inventory.StockAsync("cup"));
        await HttpAssert.ProblemAsync(await CountAsync(inventory, "cup", "count-1", 4), HttpStatusCode.UnprocessableEntity, "idempotency-key-reused");
    }

    [Fact]
    public async Task What_is_held_for_orders_cannot_be_counted_away()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 5));
        await inventory.AskOneAsync(Reserve(1, ("cup", 4)));

        var problem = await HttpAssert.ProblemAsync(await CountAsync(inventory, "cup", "count-1", 3), HttpStatusCode.Conflict, "count-below-held");

        Assert.Equal("4 are held, 3 were counted.", (string?)problem["detail"]);
        Assert.Equal((1, 4, 0), await inventory.StockAsync("cup"));
        await HttpAssert.OkAsync<JsonObject>(await CountAsync(inventory, "cup", "count-1", 4), HttpStatusCode.Created);
        Assert.Equal((0, 4, 0), await inventory.StockAsync("cup"));
    }

    [Theory]
    [InlineData("unicorn", "count-1", 1, "ada", HttpStatusCode.NotFound, "not-found")]
    [InlineData("cup", "", 1, "ada", HttpStatusCode.BadRequest, "validation-failed")]
    [InlineData("cup", "count-1", -1, "ada", HttpStatusCode.BadRequest, "validation-failed")]
    [InlineData("cup", "count-1", 1_000_000_001, "ada", HttpStatusCode.BadRequest, "validation-failed")]
    [InlineData("cup", "count-1", 1, null, HttpStatusCode.BadRequest, "validation-failed")]
    public async Task A_count_that_makes_no_sense_is_refused(string sku, string id, long counted, string? who, HttpStatusCode status, string code)
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 5));

        await HttpAssert.ProblemAsync(await CountAsync(inventory, sku, id, counted, who), status, code);

        Assert.Equal((5, 0, 0), await inventory.StockAsync("cup"));
    }

    [Fact]
    public async Task While_somebody_else_has_the_lock_nothing_is_booked()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 5));
        await using (await inventory.Service.Get<ILocks>().TryAcquireAsync(StockTaking.LockOf("cup"), Long, default))
        {
            await HttpAssert.ProblemAsync(await CountAsync(inventory, "cup", "count-1", 3), HttpStatusCode.Conflict, "locked");
        }

        Assert.Equal((5, 0, 0), await inventory.StockAsync("cup"));
        await HttpAssert.OkAsync<JsonObject>(await CountAsync(inventory, "cup", "count-1", 3), HttpStatusCode.Created);
    }

    [Fact]
    public async Task Operators_who_count_at_once_are_booked_one_after_the_other_with_rising_tokens()
    {
        await using var inventory = await InventoryHost.StartAsync(("Locks:Patience", "00:01:00"), ("cup", 5)); // the last one waits for seven

        var answers = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => CountAsync(inventory, "cup", $"count-{i}", 3)));

        var takes = new List<JsonObject>();
        foreach (var answer in answers)
        {
            takes.Add(await HttpAssert.OkAsync<JsonObject>(answer, HttpStatusCode.Created));
        }

        Assert.Equal(8, takes.Select(take => (string?)take["token"]).Distinct().Count());
        Assert.Equal(-2, takes.Sum(take => (long)take["difference"]!));
        Assert.Equal((3, 0, 0), await inventory.StockAsync("cup"));
    }

    [Fact]
    public async Task Who_lost_the_lock_without_knowing_it_is_refused_and_changes_nothing()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 5));
        var taking = inventory.Service.Get<StockTaking>();
        var stale = new FencedLock(new NeverLost(StockTaking.LockOf("cup")), token: 1);
        await HttpAssert.OkAsync<JsonObject>(await CountAsync(inventory, "cup", "count-1", 4), HttpStatusCode.Created);
        await HttpAssert.OkAsync<JsonObject>(await CountAsync(inventory, "cup", "count-2", 4), HttpStatusCode.Created);

        var refused = await Assert.ThrowsAsync<FenceRejectedException>(
            () => taking.BookAsync(stale, new StockTake("count-0", "cup", 5, 1, stale.Token, "ada", DateTimeOffset.UnixEpoch), default));

        Assert.Equal("stock/cup: rejected 1 < 2", refused.Message);
        Assert.Equal((4, 0, 0), await inventory.StockAsync("cup"));
    }

    [Fact]
    public async Task Orders_and_counts_at_once_lose_and_make_nothing()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 100));

        var orders = Enumerable.Range(1, 20).Select(i => inventory.AskOneAsync(Reserve(i, ("cup", 1))));
        var counts = Enumerable.Range(1, 5).Select(i => CountAsync(inventory, "cup", $"count-{i}", 100 - i));
        await Task.WhenAll(Task.WhenAll(orders), Task.WhenAll(counts));

        var last = await HttpAssert.OkAsync<JsonObject>(await CountAsync(inventory, "cup", "last", 50), HttpStatusCode.Created);
        Assert.Equal((30, 20, 0), await inventory.StockAsync("cup"));
        Assert.Equal(50, (long)last["counted"]!);
    }

    private static async Task<HttpResponseMessage> CountAsync(InventoryHost inventory, string sku, string takeId, long counted, string? who = "ada")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/ops/stock/{sku}/takes") { Content = JsonContent.Create(new { takeId, counted }) };
        if (who is not null)
        {
            request.Headers.Add("Shop-Operator", who);
        }

        return await inventory.Service.Client.SendAsync(request);
    }

    /// <summary>A holder that is wrong about itself.</summary>
    private sealed class NeverLost(string resource) : ILockHandle
    {
        public string Resource => resource;

        public CancellationToken Lost => CancellationToken.None;

        public bool IsHeld => true;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
