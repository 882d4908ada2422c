using Microsoft.Extensions.Options;
using Shop.UnitTests.Support;
using Shop.Contracts;
using Shop.Contracts.Messages;
using Shop.Ordering.Checkout;

namespace Shop.UnitTests.Ordering;

public sealed class CallQueueTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly CallQueue _queue;

    public CallQueueTests() => _queue = new CallQueue(Options.Create(new CheckoutOptions { MaxCallWait = TimeSpan.FromSeconds(5), MaxCallsWaiting = 300 }), _clock);

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

    [Fact]
    public async Task What_is_repeated_may_hold_rows_and_does_not_stand_behind_first_prepares_either()
    {
        _queue.Add(1, [Prepare(1, ServiceNames.Inventory)]);
        _queue.Add(2, [Prepare(2, ServiceNames.Inventory)], again: true);

        Assert.Equal([2], await TakeAsync(_queue.Reopening));
        Assert.Equal([1], await TakeAsync(_queue.Opening));
    }

    [Fact]
    public async Task It_is_full_while_the_first_in_line_waits_too_long()
    {
        _queue.Add(1, [Prepare(1, ServiceNames.Inventory)]);
        _clock.Advance(TimeSpan.FromSeconds(3));
        _queue.Add(2, [Prepare(2, ServiceNames.Inventory)]);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True(_queue.IsFull);

        await TakeAsync(_queue.Opening);
        Assert.False(_queue.IsFull);

        // It went to another lane, and its place in this one is nobody's.
        _queue.Add(2, [new RollBackBranch(2, ServiceNames.Inventory)]);
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.False(_queue.IsFull);
        Assert.Equal(TimeSpan.Zero, _queue.Opening.LongestWait);
    }

    [Fact]
    public void It_is_full_when_too_many_wait()
    {
        for (var id = 1; id < 300; id++)
        {
            _queue.Add(id, [id % 2 == 0 ? Prepare(id, ServiceNames.Inventory) : new ReserveStock(id, [])]);
        }

        Assert.False(_queue.IsFull);

        _queue.Add(300, [new CommitBranch(300, ServiceNames.Inventory)]);
        Assert.True(_queue.IsFull);
    }

    private static PrepareBranch Prepare(long orderId, string branch) => new(orderId, branch, []);

    // An order in another lane than it should be would be waited for without end.
    private static async Task<IEnumerable<long>> TakeAsync(CallQueue.Lane lane)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        return (await lane.TakeAsync(1, patience.Token)).Select(call => call.OrderId);
    }
}
