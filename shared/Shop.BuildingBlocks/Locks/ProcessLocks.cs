using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Shop.BuildingBlocks.Locks;

/// <summary>Locks of this process alone: who waits is served in turn.</summary>
internal sealed class ProcessLocks(IOptions<LockOptions> options, TimeProvider clock, ILogger<ProcessLocks> logger) : ILocks
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = [];

    public async Task<ILockHandle?> TryAcquireAsync(string resource, TimeSpan patience, CancellationToken cancellationToken)
    {
        var key = options.Value.KeyOf(resource);
        var entry = Enter(key);
        var isTaken = false;
        try
        {
            isTaken = await entry.Turn.WaitAsync(patience, cancellationToken);
        }
        finally
        {
            if (!isTaken)
            {
                Leave(key, entry);
            }
        }

        return isTaken
            ? new LeasedLock(resource, new Lease(this, key, entry), Now(), options.Value, clock, logger)
            : null;
    }

    // Nobody takes it away but the longest time to hold it: the whole process pauses, or nobody.
    private Validity Now() => new(clock.GetTimestamp(), options.Value.MaxHold);

    private Entry Enter(string key)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out var entry))
            {
                _entries.Add(key, entry = new Entry());
            }

            entry.Users++;
            return entry;
        }
    }

    private void Leave(string key, Entry entry)
    {
        lock (_gate)
        {
            if (--entry.Users == 0)
            {
                _entries.Remove(key);
                entry.Turn.Dispose();
            }
        }
    }

    private sealed class Entry
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        /// <summary>Who holds or waits.</summary>
        public int Users { get; set; }
    }

    private sealed class Lease(ProcessLocks locks, string key, Entry entry) : ILease
    {
        public Task<Validity?> ExtendAsync(CancellationToken cancellationToken) => Task.FromResult<Validity?>(locks.Now());

        public Task ReleaseAsync()
        {
            entry.Turn.Release();
            locks.Leave(key, entry);
            return Task.CompletedTask;
        }
    }
}
