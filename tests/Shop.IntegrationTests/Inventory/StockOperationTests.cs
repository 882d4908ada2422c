using Shop.Contracts.Messages;

namespace Shop.IntegrationTests.Inventory;

public sealed class StockOperationTests
{
    [Fact]
    public async Task A_reserve_holds_every_line_of_the_order()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 5), ("pot", 3));

        var answer = await inventory.AskOneAsync(Reserve(1, ("cup", 2), ("pot", 3)));

        Assert.Equal((1, "inventory", "reserve", OperationOutcome.Done, null), (answer.OrderId, answer.Service, answer.Operation, answer.Outcome, answer.Reason));
        Assert.Equal((3, 2, 0), await inventory.StockAsync("cup"));
        Assert.Equal((0, 3, 0), await inventory.StockAsync("pot"));
    }

    [Fact]
    public async Task A_reserve_that_is_short_of_one_line_holds_nothing_of_the_others()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 5), ("pot", 3));

        var answer = await inventory.AskOneAsync(Reserve(1, ("cup", 2), ("pot", 4)));

        Assert.Equal((OperationOutcome.Refused, Reasons.OutOfStock), (answer.Outcome, answer.Reason));
        Assert.Equal((5, 0, 0), await inventory.StockAsync("cup"));
        Assert.Equal((3, 0, 0), await inventory.StockAsync("pot"));
    }

    [Fact]
    public async Task An_unknown_sku_is_out_of_stock_and_holds_nothing_of_the_others()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 5));

        var answer = await inventory.AskOneAsync(Reserve(1, ("cup", 2), ("unicorn", 1)));

        Assert.Equal((OperationOutcome.Refused, Reasons.OutOfStock), (answer.Outcome, answer.Reason));
        Assert.Equal((5, 0, 0), await inventory.StockAsync("cup"));
    }

    [Fact]
    public async Task A_repeat_is_answered_with_the_record_although_the_stock_is_gone_by_now()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 1));
        var first = await inventory.AskOneAsync(Reserve(1, ("cup", 1)));

        Assert.Equal(first, await inventory.AskOneAsync(Reserve(1, ("cup", 1))));

        Assert.Equal(OperationOutcome.Done, first.Outcome);
        Assert.Equal((0, 1, 0), await inventory.StockAsync("cup"));
    }

    [Fact]
    public async Task A_refused_reserve_stays_refused_when_stock_comes_back()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 1));
        await inventory.AskAsync(Reserve(1, ("cup", 1)), Reserve(2, ("cup", 1)));
        await inventory.AskAsync(new ReleaseStock(1));

        var repeat = await inventory.AskOneAsync(Reserve(2, ("cup", 1)));

        Assert.Equal((OperationOutcome.Refused, Reasons.OutOfStock), (repeat.Outcome, repeat.Reason));
        Assert.Equal((1, 0, 0), await inventory.StockAsync("cup"));
    }

    [Fact]
    public async Task The_same_message_twice_in_one_envelope_takes_effect_once_and_is_answered_twice()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 5));

        var answers = await inventory.AskAsync(Reserve(1, ("cup", 2)), Reserve(1, ("cup", 2)));

        Assert.Equal(answers[0], answers[1]);
        Assert.Equal(OperationOutcome.Done, answers[0].Outcome);
        Assert.Equal((3, 2, 0), await inventory.StockAsync("cup"));
    }

    [Fact]
    public async Task Of_two_orders_in_one_envelope_the_first_gets_the_last_item()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 1));

        var answers = await inventory.AskAsync(Reserve(1, ("cup", 1)), Reserve(2, ("cup", 1)));

        Assert.Equal([OperationOutcome.Done, OperationOutcome.Refused], answers.Select(a => a.Outcome));
        Assert.Equal((0, 1, 0), await inventory.StockAsync("cup"));
    }

    [Fact]
    public async Task Envelopes_that_race_for_the_last_items_sell_none_twice()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 10));

        await Task.WhenAll(Enumerable.Range(1, 40).Select(order => inventory.Service.Transport.DeliverAsync(Reserve(order, ("cup", 1)))));

        var answers = (await inventory.Service.Transport.NextAsync(40)).Cast<OperationAnswered>();
        Assert.Equal(10, answers.Count(a => a.Outcome == OperationOutcome.Done));
        Assert.Equal((0, 10, 0), await inventory.StockAsync("cup"));
    }

    [Fact]
    public async Task A_take_sells_what_is_held_once()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 5));
        await inventory.AskAsync(Reserve(1, ("cup", 2)));

        var answers = await inventory.AskAsync(new TakeStock(1), new TakeStock(1));

        Assert.All(answers, answer => Assert.Equal(OperationOutcome.Done, answer.Outcome));
        Assert.Equal((3, 0, 2), await inventory.StockAsync("cup"));
    }

    [Fact]
    public async Task A_take_of_nothing_held_is_refused_for_good()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 5));
        var refused = await inventory.AskOneAsync(new TakeStock(1));

        var answers = await inventory.AskAsync(Reserve(1, ("cup", 2)), new TakeStock(1));

        Assert.Equal((OperationOutcome.Refused, Reasons.NotReserved), (refused.Outcome, refused.Reason));
        Assert.Equal(OperationOutcome.Done, answers[0].Outcome);
        Assert.Equal(refused, answers[1]);
        Assert.Equal((3, 2, 0), await inventory.StockAsync("cup"));
        Assert.Empty(await inventory.DeadLettersAsync());
    }

    [Fact]
    public async Task A_release_puts_back_what_is_held_once()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 5));
        await inventory.AskAsync(Reserve(1, ("cup", 2)));

        var answers = await inventory.AskAsync(new ReleaseStock(1), new ReleaseStock(1));

        Assert.All(answers, answer => Assert.Equal(OperationOutcome.Done, answer.Outcome));
        Assert.Equal((5, 0, 0), await inventory.StockAsync("cup"));
    }

    [Fact]
    public async Task A_release_of_what_was_sold_restocks_it()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 5));

        var answers = await inventory.AskAsync(Reserve(1, ("cup", 2)), new TakeStock(1), new ReleaseStock(1));

        Assert.All(answers, answer => Assert.Equal(OperationOutcome.Done, answer.Outcome));
        Assert.Equal((5, 0, 0), await inventory.StockAsync("cup"));
    }

    [Fact]
    public async Task A_take_after_the_release_is_refused()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 5));
        await inventory.AskAsync(Reserve(1, ("cup", 2)), new ReleaseStock(1));

        var answer = await inventory.AskOneAsync(new TakeStock(1));

        Assert.Equal((OperationOutcome.Refused, Reasons.NotReserved), (answer.Outcome, answer.Reason));
        Assert.Equal((5, 0, 0), await inventory.StockAsync("cup"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reserve_that_arrives_after_its_release_holds_nothing(bool inOneEnvelope)
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 5));
        Message[] late = [new ReleaseStock(1), Reserve(1, ("cup", 2)), new TakeStock(1)];

        var answers = inOneEnvelope
            ? await inventory.AskAsync(late)
            : [await inventory.AskOneAsync(late[0]), await inventory.AskOneAsync(late[1]), await inventory.AskOneAsync(late[2])];

        Assert.Equal([null, Reasons.CancelledBefore, Reasons.NotReserved], answers.Select(a => a.Reason));
        Assert.Equal((5, 0, 0), await inventory.StockAsync("cup"));
    }

    [Fact]
    public async Task A_release_of_a_refused_reserve_has_nothing_to_put_back()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 1));

        var answers = await inventory.AskAsync(Reserve(1, ("cup", 2)), new ReleaseStock(1));

        Assert.Equal([OperationOutcome.Refused, OperationOutcome.Done], answers.Select(a => a.Outcome));
        Assert.Equal((1, 0, 0), await inventory.StockAsync("cup"));
    }

    [Fact]
    public async Task Many_orders_in_one_envelope_write_each_stock_row_once()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 1_000), ("pot", 1_000));

        // More operations than a database takes parameters in one naive IN list.
        var answers = await inventory.AskAsync([.. Enumerable.Range(1, 1_500).Select(order => Reserve(order, ("cup", 1), ("pot", 1)))]);

        Assert.Equal(1_000, answers.Count(a => a.Outcome == OperationOutcome.Done));
        Assert.Equal((0, 1_000, 0), await inventory.StockAsync("cup"));
        Assert.Equal((0, 1_000, 0), await inventory.StockAsync("pot"));
    }

    internal static ReserveStock Reserve(long orderId, params (string Sku, int Quantity)[] lines) =>
        new(orderId, [.. lines.Select(line => new StockLine(line.Sku, line.Quantity))]);
}
