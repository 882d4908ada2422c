using Shop.Benchmarks.Frame;

namespace Shop.UnitTests.Benchmarks;

public sealed class ManagedHeapTests
{
    private const int Size = 1024 * 1024 * 1024; // more than all the other tests hold

    private byte[]? _kept;

    [Fact]
    public async Task What_is_kept_is_alive_and_what_was_dropped_is_not()
    {
        _kept = GC.AllocateUninitializedArray<byte>(Size); // asked for, and never touched
        Assert.InRange(await AliveAsync(), Size, long.MaxValue);

        _kept = null;
        Assert.InRange(await AliveAsync(), 1, Size);
    }

    [Fact]
    public Task Who_is_no_process_of_NET_has_none() =>
        Assert.ThrowsAsync<BenchException>(() => ManagedHeap.AliveAsync(int.MaxValue, CancellationToken.None));

    private static Task<long> AliveAsync() => ManagedHeap.AliveAsync(Environment.ProcessId, CancellationToken.None);
}
