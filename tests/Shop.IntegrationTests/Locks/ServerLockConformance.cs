using Shop.BuildingBlocks.Locks.Fencing;
using Shop.UnitTests.Support;
using Xunit.Abstractions;

namespace Shop.IntegrationTests.Locks;

/// <summary>What every lock does that a server keeps: it outlives no holder that is gone, and so it cannot know one that is only paused.</summary>
public abstract class ServerLockConformance(ITestOutputHelper output) : LockConformance(output)
{
    [Fact]
    public async Task A_holder_paused_past_its_time_to_live_is_refused_by_the_data()
    {
        await Arena.StartTokensAsync(Resource, 41);
        var paused = new ManualTimeProvider(); // its clock and its timers stand still, as those of a stopped process do

        var held = await AcquireAsync(Make(options => options.TimeToLive = Short, paused));
        await using var next = await Arena.Fence(Make()).TryAcquireAsync(Resource, Long, default);
        await Arena.WriteAsync(next!);

        // It comes back just after it has looked at its clock: by all it knows, the lock is its own.
        held!.ThrowIfLost();
        var refused = await Assert.ThrowsAsync<FenceRejectedException>(() => Arena.WriteAsync(held));
        Assert.Equal($"{Resource}: rejected 41 < 42", refused.Message);
        Assert.Equal([42], await Arena.AcceptedAsync(Resource));
        Output.WriteLine($"1 overlap, {await Arena.ViolationsAsync(Resource)} violations: {refused.Message}");

        // What it gives back is not the other's.
        await held.DisposeAsync();
        await AssertTakenAsync(Make(), Resource);
        next!.ThrowIfLost();
    }

    [Fact]
    public async Task A_holder_whose_lock_is_taken_away_is_told()
    {
        // It finds out at its next renewal, after a third of this.
        await using var held = await Make(options => options.TimeToLive = Short).TryAcquireAsync(Resource, Long, default);

        await TakeAwayAsync();

        await LostAsync(held!.Lost);
        Assert.False(held.IsHeld);
    }

    /// <summary>As an operator would, behind the holder's back.</summary>
    protected abstract Task TakeAwayAsync();
}
