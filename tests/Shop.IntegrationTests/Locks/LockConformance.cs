using System.Diagnostics;
using Shop.BuildingBlocks.Locks;
using Shop.BuildingBlocks.Locks.Fencing;
using Shop.IntegrationTests.Discovery;
using Shop.UnitTests.Support;
using Xunit.Abstractions;

namespace Shop.IntegrationTests.Locks;

/// <summary>What every lock does, whoever keeps it.</summary>
public abstract class LockConformance(ITestOutputHelper output) : IAsyncLifetime
{
    /// <summary>Longer than anything that a busy machine does to a test: how long who waits does so, and a lock stands that nobody renews.</summary>
    internal static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    /// <summary>A time to live whose end is waited for. Consul keeps no shorter session, and ends one up to as much again later.</summary>
    internal static readonly TimeSpan Short = TimeSpan.FromSeconds(10);

    internal static readonly TimeSpan NodeTimeout = TimeSpan.FromSeconds(10);

    private readonly List<ILocks> _made = [];

    internal ITestOutputHelper Output => output;

    internal LockArena Arena { get; private set; } = null!;

    /// <summary>A name that no other test uses.</summary>
    internal string Resource { get; } = $"test/{Guid.NewGuid():N}";

    public virtual async Task InitializeAsync() => Arena = await LockArena.StartAsync();

    public virtual async Task DisposeAsync()
    {
        foreach (var locks in _made)
        {
            (locks as IDisposable)?.Dispose();
        }

        await Arena.DisposeAsync();
    }

    [Fact]
    public async Task One_holds_it_and_the_next_gets_it_when_it_is_given_back()
    {
        var (ann, bob) = (Make(), Make());

        var held = await ann.TryAcquireAsync(Resource, Long, default);
        Assert.True(held!.IsHeld);
        await AssertTakenAsync(bob, Resource);
        await using (await bob.TryAcquireAsync($"{Resource}/other", Long, default))
        {
            await held.DisposeAsync();
        }

        Assert.False(held.IsHeld);
        Assert.False(held.Lost.IsCancellationRequested);
        await using var next = await bob.TryAcquireAsync(Resource, Long, default);
        Assert.True(next!.IsHeld);
    }

    [Fact]
    public async Task Who_waits_gets_it_in_the_end()
    {
        var (ann, bob) = (Make(), Make());
        var held = await ann.TryAcquireAsync(Resource, Long, default);

        var waits = bob.TryAcquireAsync(Resource, Long, default);
        Assert.False(waits.IsCompleted);
        await held!.DisposeAsync();

        await using var next = await waits;
        Assert.True(next!.IsHeld);
    }

    [Fact]
    public async Task A_lock_is_renewed_for_as_long_as_it_is_held()
    {
        const int Rounds = 3;
        var (ann, bob) = (Make(options => options.TimeToLive = Short), Make());

        // A machine that pauses may end one between two renewals. What nobody renews ends each time.
        for (var round = 1; !await OutlivesAsync(); round++)
        {
            Assert.NotEqual(Rounds, round);
        }

        async Task<bool> OutlivesAsync()
        {
            await using var held = await ann.TryAcquireAsync(Resource, Long, default);
            await using var taken = await bob.TryAcquireAsync(Resource, Short * 1.5, default);
            return taken is null && held!.IsHeld;
        }
    }

    [Fact]
    public async Task A_wait_that_is_cancelled_leaves_nothing_behind()
    {
        var (ann, bob, eve) = (Make(), Make(), Make());
        var held = await ann.TryAcquireAsync(Resource, Long, default);
        using var impatience = new CancellationTokenSource();

        var waits = bob.TryAcquireAsync(Resource, Long, impatience.Token);
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits);
        await held!.DisposeAsync();

        // Sooner than anything that was left could end by itself.
        await using var next = await eve.TryAcquireAsync(Resource, Long / 2, default);
        Assert.NotNull(next);
    }

    [Fact]
    public async Task Cancelled_at_any_moment_it_is_free_afterwards()
    {
        var (ann, bob) = (Make(), Make());
        for (var milliseconds = 0; milliseconds < 12; milliseconds++)
        {
            using var impatience = new CancellationTokenSource(TimeSpan.FromMilliseconds(milliseconds));
            try
            {
                var held = await ann.TryAcquireAsync(Resource, Long, impatience.Token);
                await held!.DisposeAsync();
            }
            catch (OperationCanceledException)
            {
                // As it was asked to.
            }

            await using var next = await bob.TryAcquireAsync(Resource, Long / 2, default);
            Assert.NotNull(next);
        }
    }

    [Fact]
    public async Task Who_holds_it_waits_for_himself()
    {
        var locks = Make();
        await using var held = await locks.TryAcquireAsync(Resource, Long, default);

        await AssertTakenAsync(locks, Resource, TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public async Task Given_back_twice_it_is_given_back_once()
    {
        var (ann, bob, eve) = (Make(), Make(), Make());
        var held = await ann.TryAcquireAsync(Resource, Long, default);
        await held!.DisposeAsync();
        await using var next = await bob.TryAcquireAsync(Resource, Long, default);

        await held.DisposeAsync();

        await AssertTakenAsync(eve, Resource);
    }

    [Fact]
    public async Task Held_for_too_long_it_is_lost_free_for_others_and_of_no_use()
    {
        var clock = new ManualTimeProvider();
        var hangs = Make(options => options.MaxHold = options.TimeToLive, clock);
        await using var held = await AcquireAsync(hangs);
        var third = Long / 3;
        for (var renewed = 0; renewed < 2; renewed++)
        {
            clock.Advance(third);
            await Eventually.TrueAsync(() => clock.ArmedTimers == 2); // one for its end, one for the next renewal: this one is done
        }

        held!.ThrowIfLost();
        clock.Advance(third);

        await LostAsync(held.Lost);
        await using var next = await Arena.Fence(SameWorld(hangs)).TryAcquireAsync(Resource, Long, default);

        Assert.True(next!.Token > held.Token);
        await Assert.ThrowsAsync<LockLostException>(() => Arena.WriteAsync(held));
        await Arena.WriteAsync(next);
        Assert.Equal([next.Token], await Arena.AcceptedAsync(Resource));
    }

    [Fact]
    public async Task Many_who_want_it_come_in_one_by_one()
    {
        const int Workers = 4;
        const int Rounds = 5;
        var lost = 0;

        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Arena.Fence(Make())).ToList().Select(locks => Task.Run(async () =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                await using var held = await locks.TryAcquireAsync(Resource, Long, default);
                using (await Arena.EnterAsync(held!))
                {
                    await Task.Yield();
                }

                Interlocked.Add(ref lost, held!.Lost.IsCancellationRequested ? 1 : 0);
            }
        })));

        var violations = await Arena.ViolationsAsync(Resource);
        output.WriteLine($"{Workers * Rounds} accepted, {Arena.Overlaps} overlaps, {lost} lost, {violations} violations");
        Assert.Equal(Workers * Rounds, (await Arena.AcceptedAsync(Resource)).Count);
        Assert.Equal(0, violations);
        Assert.True(Arena.Overlaps == 0 || lost > 0);
    }

    internal static async Task LostAsync(CancellationToken lost)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lost.Register(told.SetResult);
        await told.Task.WaitAsync(Long, CancellationToken.None);
    }

    /// <summary>Somebody holds it. Servers that did not answer in time have said nothing of that.</summary>
    internal static Task AssertTakenAsync(ILocks locks, string resource, TimeSpan patience = default) => Eventually.TrueAsync(async () =>
    {
        try
        {
            Assert.Null(await locks.TryAcquireAsync(resource, patience, default));
            return true;
        }
        catch (LockUnavailableException)
        {
            return false;
        }
    });

    /// <summary>For a clock that stands still: by it the pause before a second try, which Redlock makes, never ends.</summary>
    internal Task<FencedLock?> AcquireAsync(ILocks locks) => Arena.Fence(locks).TryAcquireAsync(Resource, Long, default).WaitAsync(Long);

    /// <summary>The locks of one process.</summary>
    internal ILocks Make(Action<LockOptions>? change = null, TimeProvider? clock = null)
    {
        var options = new LockOptions
        {
            TimeToLive = Long,
            MaxHold = TimeSpan.FromMinutes(10),
            NodeTimeout = NodeTimeout,
            RetryDelay = TimeSpan.FromMilliseconds(50),
            KeyPrefix = "shop/locks/",
        };
        change?.Invoke(options);
        var locks = Make(options, clock ?? TimeProvider.System);
        _made.Add(locks);
        return locks;
    }

    /// <summary>Another process, where locks are shared by processes.</summary>
    internal virtual ILocks SameWorld(ILocks locks) => Make();

    internal abstract ILocks Make(LockOptions options, TimeProvider clock);
}
