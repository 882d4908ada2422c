using Microsoft.Extensions.Options;
using Shop.Contracts;
using Shop.Contracts.Messages;
using Shop.Ordering.Checkout;

namespace Shop.UnitTests.Ordering;

public sealed class CallQueueTests
{
    private readonly CallQueue _queue = new(Options.Create(new CheckoutOptions()));

    [Fact]
    public async Task An_order_that_holds_rows_does_not_stand_in_line_behind_those_that_want_them()
    {
        for (var wanting = 1; wanting <= 100; wanting++)
        {
            _queue.Add(wanting, [Prepare(wanting, ServiceNames.Inventory)]);
        }

        _queue.Add(101, [Prepare(101, ServiceNames.Payments)]);
        _queue.Add(102, [new CommitBranch(102, ServiceNames.Inventory), new CommitBranch(102, ServiceNames.Payments)]);

        Assert.Equal([101], await TakeAsync(_queue.Holding));
        Assert.Equal([102], await TakeAsync(_queue.Ending));
        Assert.Equal([1], await TakeAsync(_queue.Opening));
    }

    [Fact]
    public async Task Newer_commands_replace_older_ones_wherever_those_wait()
    {
        _queue.Add(1, [Prepare(1, ServiceNames.Inventory)]);
        _queue.Add(1, [new RollBackBranch(1, ServiceNames.Inventory)]);
        _queue.Add(2, [Prepare(2, ServiceNames.Inventory)]);

        Assert.Equal([2], await TakeAsync(_queue.Opening));
        Assert.Equal([1], await TakeAsync(_queue.Ending));
    }

    [Fact]
    public async Task An_order_is_known_while_it_waits_and_while_it_is_called()
    {
        _queue.Add(1, [new CommitBranch(1, ServiceNames.Payments)]);
        Assert.True(_queue.Has(1));

        var taken = await _queue.Ending.TakeAsync(1, CancellationToken.None);
        Assert.True(_queue.Has(1));

        _queue.Ending.Done(taken);
        Assert.False(_queue.Has(1));
    }

    private static PrepareBranch Prepare(long orderId, string branch) => new(orderId, branch, []);

    private static async Task<IEnumerable<long>> TakeAsync(CallQueue.Lane lane) =>
        (await lane.TakeAsync(1, CancellationToken.None)).Select(call => call.OrderId);
}
