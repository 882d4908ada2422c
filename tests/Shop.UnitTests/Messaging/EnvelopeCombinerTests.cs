using System.Collections.Concurrent;
using Shop.BuildingBlocks.Messaging;

namespace Shop.UnitTests.Messaging;

/// <summary>Envelopes that wait are handled together, one that does not have to wait is handled alone.</summary>
public sealed class EnvelopeCombinerTests
{
    private readonly EnvelopeCombiner _combiner = new(turns: 1);
    private readonly ConcurrentQueue<Envelope> _handled = new();
    private readonly TaskCompletionSource _first = new();

    [Fact]
    public async Task What_waits_for_a_turn_is_handled_together_and_each_source_by_itself()
    {
        var all = new[] { Handle("a", "1"), Handle("a", "2"), Handle("b", "3"), Handle("a", "4") };
        Assert.Equal(["a 1"], Handled);
        _first.SetResult();
        await Task.WhenAll(all);

        Assert.Equal(["a 1", "a 2,4", "b 3"], Handled);
    }

    [Fact]
    public async Task An_envelope_is_not_acknowledged_before_the_one_that_took_it_along_is_handled()
    {
        var combiner = new EnvelopeCombiner(turns: 2);
        TaskCompletionSource[] until = [new(), new(), new()];
        var busy = new[] { Handle("a", "1", until[0].Task, combiner), Handle("a", "2", until[1].Task, combiner) };
        var (taker, taken) = (Handle("a", "3", until[2].Task, combiner), Handle("a", "4", Task.CompletedTask, combiner));
        until[0].SetResult();
        await busy[0];
        until[1].SetResult();

        // This one comes after it for the turn that is free: when it is through, the other has had that turn.
        await Handle("b", "5", Task.CompletedTask, combiner);
        Assert.False(taken.IsCompleted);

        until[2].SetResult();
        await Task.WhenAll(taker, taken, busy[1]);
        Assert.Contains("a 3,4", Handled);
    }

    [Fact]
    public async Task A_failure_is_the_failure_of_all_that_were_handled_together_and_of_no_other()
    {
        var gate = new TaskCompletionSource();
        var busy = Handle("a", "1", gate.Task);
        var bad = new[] { Handle("a", "2"), Handle("a", "3") };
        _first.SetException(new IOException("full"));
        gate.SetResult();

        await busy;
        foreach (var envelope in bad)
        {
            await Assert.ThrowsAsync<IOException>(() => envelope);
        }
    }

    [Fact]
    public async Task One_transaction_takes_no_more_than_about_one_full_envelope()
    {
        var large = new string('x', 40_000);
        var all = new[] { Handle("a", "1"), Handle("a", large), Handle("a", large), Handle("a", "4") };
        _first.SetResult();
        await Task.WhenAll(all);

        Assert.Equal([1, 1, 2], _handled.Select(e => e.Parts.Count));
    }

    [Fact]
    public async Task One_that_gives_up_waiting_holds_up_nobody()
    {
        using var impatient = new CancellationTokenSource();
        var busy = Handle("a", "1");
        var gone = _combiner.HandleAsync(new Envelope("b", "here", ["2"]), (_, _) => Task.CompletedTask, impatient.Token);
        var patient = Handle("a", "3");
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        _first.SetResult();

        await Task.WhenAll(busy, patient);
        Assert.Equal(["a 1", "a 3"], Handled);
    }

    [Fact]
    public async Task What_is_no_envelope_fails_alone_and_is_gone()
    {
        _first.SetResult();
        foreach (var parts in (IReadOnlyList<string>[])[null!, [null!]])
        {
            await Assert.ThrowsAnyAsync<Exception>(() => _combiner.HandleAsync(new Envelope("a", "here", parts), (_, _) => Task.CompletedTask, CancellationToken.None));
        }

        await Handle("a", "1");
        Assert.Equal(["a 1"], Handled);
    }

    private IEnumerable<string> Handled => _handled.Select(e => $"{e.Source} {string.Join(',', e.Parts)}");

    private Task Handle(string source, string part) => Handle(source, part, _first.Task);

    private Task Handle(string source, string part, Task until, EnvelopeCombiner? combiner = null) => (combiner ?? _combiner).HandleAsync(
        new Envelope(source, "here", [part]),
        (envelope, _) =>
        {
            _handled.Enqueue(envelope);
            return until;
        },
        CancellationToken.None);
}
