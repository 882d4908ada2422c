using System.Collections.Concurrent;

namespace Shop.BuildingBlocks.Messaging;

/// <summary>Wakes the relay of a destination at commit, so that a message waits for no poll.</summary>
/// <remarks>Within this process only, and lost with it: the poll finds what no signal announced.</remarks>
public sealed class OutboxSignal
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _signals = new();

    public void Wake(string destination)
    {
        var signal = For(destination);
        lock (signal)
        {
            if (signal.CurrentCount == 0)
            {
                signal.Release();
            }
        }
    }

    internal Task WaitAsync(string destination, TimeSpan atMost, CancellationToken cancellationToken) =>
        For(destination).WaitAsync(atMost, cancellationToken);

    private SemaphoreSlim For(string destination) => _signals.GetOrAdd(destination, _ => new SemaphoreSlim(0, 1));
}
