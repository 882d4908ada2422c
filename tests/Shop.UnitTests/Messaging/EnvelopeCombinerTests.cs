using Shop.BuildingBlocks.Messaging;

namespace Shop.UnitTests.Messaging;

/// <summary>Envelopes that wait are handled together, one that does not have to wait is handled alone.</summary>
public sealed class EnvelopeCombinerTests
{
    private readonly EnvelopeCombiner _combiner = new(turns: 1);
    private readonly List<Envelope> _handled = [];
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
        _first.SetResult();
        var gate = new TaskCompletionSource();
        var busy = Handle("a", "1", gate.Task);
        var (second, third) = (Handle("a", "2"), Handle("a", "3"));
        Assert.False(second.IsCompleted || third.IsCompleted);

        gate.SetResult();
        await Task.WhenAll(busy, second, third);
        Assert.Equal(["a 1", "a 2,3"], Handled);
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
        var gone = _combiner.HandleAsync(new Envelope("a", "here", ["2"]), (_, _) => Task.CompletedTask, impatient.Token);
        var patient = Handle("a", "3");
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        _first.SetResult();

        await Task.WhenAll(busy, patient);
        Assert.Contains("3", Handled.Last(), StringComparison.Ordinal);
    }

    private IEnumerable<string> Handled => _handled.Select(e => $"{e.Source} {string.Join(',', e.Parts)}");

    private Task Handle(string source, string part) => Handle(source, part, _first.Task);

    private Task Handle(string source, string part, Task until) => _combiner.HandleAsync(
        new Envelope(source, "here", [part]),
        (envelope, _) =>
        {
            _handled.Add(envelope);
            return until;
        },
        CancellationToken.None);
}
