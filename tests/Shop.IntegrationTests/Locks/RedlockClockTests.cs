using Shop.BuildingBlocks.Locks.Fencing;
using Shop.IntegrationTests.Discovery;
using Shop.IntegrationTests.Support;
using Shop.UnitTests.Support;
using Xunit.Abstractions;
using static Shop.IntegrationTests.Locks.LockConformance;
using static Shop.IntegrationTests.Locks.RedlockWorld;

namespace Shop.IntegrationTests.Locks;

/// <summary>Redis ends keys by the clock on the wall: one that is set forward on a majority of the nodes ends a lock early.</summary>
public sealed class RedlockClockTests(ITestOutputHelper output) : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Nodes_whose_clocks_jump_let_two_in_and_the_data_takes_one()
    {
        await using var world = await StartAsync(1, Long * 2);
        await world.Arena.StartTokensAsync(Resource, 41);
        var step = _directory.File("step");
        await File.WriteAllTextAsync(step, "+0");
        var skewed = new Dictionary<string, string>
        {
            // The C library's allocator in front of Redis's own, which looks at the clock before libfaketime is ready for it.
            ["LD_PRELOAD"] = $"{Library()}:libc.so.6",
            ["FAKETIME_TIMESTAMP_FILE"] = step,
            ["FAKETIME_NO_CACHE"] = "1",
            ["DONT_FAKE_MONOTONIC"] = "1",
        };
        await world.AddAsync(RedisServer.StartAsync(skewed));
        await world.AddAsync(RedisServer.StartAsync(skewed));
        var clock = new ManualTimeProvider();
        var first = await world.FencedAsync(clock);
        await using var ann = await first.TryAcquireAsync(Resource, TimeSpan.Zero, default);
        Assert.InRange(await world.KeysAsync(), 2, 3);

        await File.WriteAllTextAsync(step, "+3600");
        await Eventually.TrueAsync(async () => !await HasKeyAsync(world.Servers[1]) && !await HasKeyAsync(world.Servers[2]));
        var second = await world.FencedAsync();
        await using var bob = await second.TryAcquireAsync(Resource, Long, default);

        // No time has passed for her.
        ann!.ThrowIfLost();
        using (await world.Arena.EnterAsync(bob!))
        {
            var refused = await Assert.ThrowsAsync<FenceRejectedException>(() => world.Arena.EnterAsync(ann));
            Assert.Equal($"{Resource}: rejected 41 < 42", refused.Message);
        }

        output.WriteLine($"{world.Arena.Overlaps} overlaps, {await world.Arena.ViolationsAsync(Resource)} violations");
        Assert.Equal((1, 0), (world.Arena.Overlaps, await world.Arena.ViolationsAsync(Resource)));
    }

    private static string Library() => Directory.GetDirectories("/usr/lib", "faketime", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 })
        .Select(directory => Path.Combine(directory, "libfaketime.so.1"))
        .FirstOrDefault(File.Exists) ?? throw new InvalidOperationException("This test needs libfaketime (Debian: apt-get install libfaketime; tests/install-servers.sh does).");
}
