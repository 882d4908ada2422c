using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Shop.BuildingBlocks.Locks.Redlock;

/// <summary>Redlock over N independent Redis servers, as https://redis.io/docs/latest/develop/use/patterns/distributed-locks/ describes it: one file for each step.</summary>
/// <remarks>
/// It has no fencing, and rests on clocks that run at about the same speed and on pauses shorter than the time to live. A node that lost its data must stay away
/// for one time to live before it may vote again; nothing here can check that.
/// </remarks>
internal sealed class RedlockLocks(RedlockNodes nodes, IOptions<LockOptions> options, TimeProvider clock, ILogger<RedlockLocks> logger) : ILocks
{
    private const int ValueBytes = 20;

    private readonly LockOptions _options = options.Value;
    private readonly RedlockRetry _retry = new(new Random(RandomNumberGenerator.GetInt32(int.MaxValue))); // each process another one

    public async Task<ILockHandle?> TryAcquireAsync(string resource, TimeSpan patience, CancellationToken cancellationToken)
    {
        var key = _options.KeyOf(resource);
        var started = clock.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();

            // :: Step 1: the time, before anybody is asked.
            var since = clock.GetTimestamp();

            // :: Step 2: ask all nodes, with a value that nobody else uses, and that is not used again either.
            var value = RandomNumberGenerator.GetHexString(ValueBytes * 2, lowercase: true);
            var votes = await RedlockAcquire.RunAsync(nodes, key, value, _options.TimeToLive);

            // :: Step 3: a majority, and time left.
            var validity = RedlockValidity.Of(since, _options.TimeToLive);
            if (votes.Yes >= nodes.Quorum && validity.Left(clock) > TimeSpan.Zero && !cancellationToken.IsCancellationRequested)
            {
                // :: Step 4: held for what is left of the validity.
                return new LeasedLock(resource, new RedlockLease(nodes, key, value, _options.TimeToLive, clock), validity, _options, clock, logger);
            }

            // :: Step 5: give back everywhere, then try again after a random time.
            await RedlockRelease.RunAsync(nodes, key, value);
            cancellationToken.ThrowIfCancellationRequested();
            var pause = _retry.Next(_options.RetryDelay);
            if (clock.GetElapsedTime(started) + pause > patience)
            {
                return votes.Yes + votes.No < nodes.Quorum
                    ? throw new LockUnavailableException($"{votes.Away} of {nodes.Count} lock nodes do not answer.")
                    : null;
            }

            await Task.Delay(pause, clock, cancellationToken);
        }
    }
}
