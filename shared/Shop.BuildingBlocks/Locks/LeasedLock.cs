using Microsoft.Extensions.Logging;

namespace Shop.BuildingBlocks.Locks;

/// <summary>A lock whose lease is renewed until it is given back, lost, or held for too long.</summary>
/// <remarks>
/// The validity is measured from before the servers were asked, by the monotonic clock, and looked at again at each <see cref="IsHeld"/>. On Linux that clock
/// stands still while the whole machine is suspended: only the fence sees that.
/// </remarks>
internal sealed partial class LeasedLock : ILockHandle
{
    private const int RenewalsPerLife = 3;

    private readonly ILease _lease;
    private readonly LockOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly long _acquired;

    // Neither is disposed: who got the token may still look at it, and they hold no timer.
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly ITimer _expiry;
    private readonly Task _renewal;
    private volatile Validity _validity;
    private int _isEnded;

    /// <param name="granted">The first validity.</param>
    public LeasedLock(string resource, ILease lease, Validity granted, LockOptions options, TimeProvider clock, ILogger logger)
    {
        (Resource, _lease, _options, _clock, _logger) = (resource, lease, options, clock, logger);
        _acquired = granted.Since;
        _validity = Capped(granted);
        _expiry = clock.CreateTimer(_ => Expire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        ArmExpiry();
        _renewal = RenewAsync();
    }

    public string Resource { get; }

    public CancellationToken Lost => _lost.Token;

    public bool IsHeld => Volatile.Read(ref _isEnded) == 0 && _validity.Left(_clock) > TimeSpan.Zero;

    public async ValueTask DisposeAsync()
    {
        var isFirst = Interlocked.Exchange(ref _isEnded, 1) == 0;
        await _ended.CancelAsync();
        await _renewal;
        await _expiry.DisposeAsync();
        if (isFirst)
        {
            await _lease.ReleaseAsync();
        }
    }

    private async Task RenewAsync()
    {
        while (true)
        {
            await Task.Delay(_options.TimeToLive / RenewalsPerLife, _clock, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!IsHeld)
            {
                await LoseAsync("its lease has ended");
                return;
            }

            try
            {
                if (await _lease.ExtendAsync(_ended.Token) is not { } extended)
                {
                    await LoseAsync("it is this holder's no more");
                    return;
                }

                _validity = Capped(extended);
                ArmExpiry();
            }
            catch (LockUnavailableException exception)
            {
                Log.NotExtended(_logger, Resource, exception.Message); // they may answer before the validity ends
            }
            catch (OperationCanceledException) when (_ended.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private void Expire()
    {
        if (_validity.Left(_clock) > TimeSpan.Zero)
        {
            ArmExpiry(); // it was extended meanwhile
        }
        else
        {
            _ = LoseAsync("its lease has ended");
        }
    }

    private async Task LoseAsync(string reason)
    {
        if (Interlocked.Exchange(ref _isEnded, 1) == 0)
        {
            Log.Lost(_logger, Resource, reason, _clock.GetElapsedTime(_acquired));
            await _lost.CancelAsync();
            await _ended.CancelAsync();

            // A connection or a session would keep it for others' eyes, though its holder was told that it is gone.
            await _lease.ReleaseAsync();
        }
    }

    private void ArmExpiry()
    {
        var left = _validity.Left(_clock);
        _expiry.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private Validity Capped(Validity validity)
    {
        var most = _options.MaxHold - _clock.GetElapsedTime(_acquired, validity.Since);
        return validity.Length <= most ? validity : validity with { Length = most };
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The lock {Resource} was lost after {Held}: {Reason}")]
        public static partial void Lost(ILogger logger, string resource, string reason, TimeSpan held);

        [LoggerMessage(2, LogLevel.Warning, "The lock {Resource} could not be extended: {Reason}")]
        public static partial void NotExtended(ILogger logger, string resource, string reason);
    }
}
