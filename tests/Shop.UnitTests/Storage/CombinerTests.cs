using System.Collections.Concurrent;
using Shop.BuildingBlocks.Storage;

namespace Shop.UnitTests.Storage;

/// <summary>Items that wait are worked on together, one that does not have to wait is worked on alone.</summary>
public sealed class CombinerTests
{
    private const int Most = 6;

    private readonly Combiner<Item> _combiner = Create(turns: 1);
    private readonly ConcurrentQueue<string> _done = new();
    private readonly TaskCompletionSource _first = new();

    [Fact]
    public async Task What_waits_for_a_turn_is_done_together_and_each_kind_by_itself()
    {
        var all = new[] { Do("a", "1"), Do("a", "2"), Do("b", "3"), Do("a", "4") };
        Assert.Equal(["a 1"], _done);
        _first.SetResult();
        await Task.WhenAll(all);

        Assert.Equal(["a 1", "a 2,4", "b 3"], _done);
    }

    [Fact]
    public async Task An_item_is_not_done_before_the_call_that_took_it_along_is()
    {
        var combiner = Create(turns: 2);
        TaskCompletionSource[] until = [new(), new(), new()];
        var busy = new[] { Do("a", "1", until[0].Task, combiner), Do("a", "2", until[1].Task, combiner) };
        var (taker, taken) = (Do("a", "3", until[2].Task, combiner), Do("a", "4", Task.CompletedTask, combiner));
        until[0].SetResult();
        await busy[0];

        // Only then is there another turn: the two would race for who takes along whom.
        Assert.True(SpinWait.SpinUntil(() => _done.Contains("a 3,4"), TimeSpan.FromMinutes(1)));
        until[1].SetResult();

        // This one comes after it for the turn that is free: when it is through, the other has had that turn.
        await Do("b", "5", Task.CompletedTask, combiner);
        Assert.False(taken.IsCompleted);

        until[2].SetResult();
        await Task.WhenAll(taker, taken, busy[1]);
    }

    [Fact]
    public async Task Who_was_taken_along_does_not_work_for_those_who_came_later()
    {
        var never = new TaskCompletionSource();
        var all = new[] { Do("a", "1"), Do("a", "2"), Do("a", "3", never.Task), Do("b", "4") };
        _first.SetResult();

        await Task.WhenAll(all).WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(["a 1", "a 2,3", "b 4"], _done);
    }

    [Fact]
    public async Task A_failure_is_the_failure_of_all_that_were_done_together_and_of_no_other()
    {
        var gate = new TaskCompletionSource();
        var busy = Do("a", "1", gate.Task);
        var bad = new[] { Do("a", "2"), Do("a", "3") };
        _first.SetException(new IOException("full"));
        gate.SetResult();

        await busy;
        foreach (var item in bad)
        {
            await Assert.ThrowsAsync<IOException>(() => item);
        }
    }

    [Fact]
    public async Task A_batch_weighs_no_more_than_it_may_unless_one_item_does()
    {
        var all = new[] { Do("a", "1"), Do("a", "22222"), Do("a", "333333333"), Do("a", "44"), Do("a", "5555") };
        _first.SetResult();
        await Task.WhenAll(all);

        Assert.Equal(["a 1", "a 22222", "a 333333333", "a 44,5555"], _done);
    }

    [Fact]
    public async Task One_that_gives_up_waiting_holds_up_nobody()
    {
        using var impatient = new CancellationTokenSource();
        var busy = Do("a", "1");
        var gone = _combiner.RunAsync(new Item("b", "2"), (_, _) => Task.CompletedTask, impatient.Token);
        var patient = Do("a", "3");
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        _first.SetResult();

        await Task.WhenAll(busy, patient);
        Assert.Equal(["a 1", "a 3"], _done);
    }

    [Fact]
    public async Task What_cannot_be_weighed_fails_alone_and_is_gone()
    {
        _first.SetResult();
        await Assert.ThrowsAnyAsync<Exception>(() => Do("a", null!));

        await Do("a", "1");
        Assert.Equal(["a 1"], _done);
    }

    private static Combiner<Item> Create(int turns) => new(turns, Most, item => item.Text.Length, item => item.Kind);

    private Task Do(string kind, string text) => Do(kind, text, _first.Task);

    private Task Do(string kind, string text, Task until, Combiner<Item>? combiner = null) => (combiner ?? _combiner).RunAsync(
        new Item(kind, text),
        (together, _) =>
        {
            _done.Enqueue($"{together[0].Kind} {string.Join(',', together.Select(item => item.Text))}");
            return until;
        },
        CancellationToken.None);

    private sealed record Item(string Kind, string Text);
}
