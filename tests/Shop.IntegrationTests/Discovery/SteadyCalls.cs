namespace Shop.IntegrationTests.Discovery;

/// <summary>One call after the other until it is told to stop; the first that fails is thrown to whoever waits for the calls.</summary>
/// <remarks>Steadily, not as fast as it goes: an idle machine would run into the quota for anonymous requests.</remarks>
internal sealed class SteadyCalls : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _calls;
    private int _made;

    public SteadyCalls(Func<Task> call) => _calls = Task.Run(async () =>
    {
        for (; !_stop.IsCancellationRequested; await Task.Delay(5))
        {
            await call();
            Interlocked.Increment(ref _made);
        }
    });

    /// <summary>Waits until some more calls were made, however long a busy machine takes for them.</summary>
    public async Task MakeAsync(int more)
    {
        var enough = Volatile.Read(ref _made) + more;
        await Eventually.TrueAsync(() => _calls.IsCompleted || Volatile.Read(ref _made) >= enough);
        if (_calls.IsCompleted)
        {
            await _calls;
        }
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _calls;
    }

    /// <summary>Also where a test has failed before it stopped the calls.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }
}
