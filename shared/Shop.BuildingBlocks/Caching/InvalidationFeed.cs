using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Redis;

namespace Shop.BuildingBlocks.Caching;

/// <summary>Tells this process of every change that any process has recorded in Redis, in order and without a gap, or that it may have missed some.</summary>
/// <remarks>
/// Usually within a round trip, by a message that only says "look"; a message that is lost costs one interval. While Redis is out of reach nothing is
/// heard, and <see cref="HearsOfChanges"/> says so after at most three intervals.
/// </remarks>
public sealed partial class InvalidationFeed(SharedLevel shared, IOptions<CacheOptions> options, TimeProvider clock, ILogger<InvalidationFeed> logger)
    : BackgroundService
{
    private const int MissedIntervals = 3;

    private readonly SemaphoreSlim _look = new(0, 1);
    private readonly string _name = SharedLevel.NewOwner();
    private string? _feed;
    private long _seen = -1;
    private long _contact;
    private bool _listens;

    /// <summary>A change, on this feed's own task: be quick.</summary>
    public event Action<Change>? Changed;

    /// <summary>A change may have been missed: whatever depends on hearing of all of them is to be forgotten.</summary>
    public event Action? Lost;

    /// <summary>The number of the last change that this process was told of; -1 before the first contact.</summary>
    public long Seen => Interlocked.Read(ref _seen);

    /// <summary>Whether a change that is made now would be heard of.</summary>
    public bool HearsOfChanges => Interlocked.Read(ref _contact) is not 0 and var contact
        && clock.GetElapsedTime(contact) < options.Value.FeedInterval * MissedIntervals;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var heard = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                _listens = _listens || await shared.ListenAsync(Look);
                await CatchUpAsync();
                if (!heard)
                {
                    Log.Hears(logger, Seen);
                }

                heard = true;
            }
            catch (RedisUnavailableException exception)
            {
                if (heard)
                {
                    Log.Deaf(logger, exception.Message);
                }

                heard = false;
            }

            await ((Task)_look.WaitAsync(options.Value.FeedInterval, stoppingToken)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task CatchUpAsync()
    {
        var began = clock.GetTimestamp(); // what was changed later may not be among the answer
        var changes = await shared.ChangesAsync(_name, Seen);
        if (changes.Feed == _feed && changes.Last - Seen == changes.Records.Count)
        {
            foreach (var change in changes.Records)
            {
                Changed?.Invoke(change);
            }
        }
        else
        {
            // The first look, a Redis that has lost its memory, or more changes than its log holds.
            Lost?.Invoke();
        }

        _feed = changes.Feed;
        Interlocked.Exchange(ref _seen, changes.Last);
        Interlocked.Exchange(ref _contact, began);
    }

    private void Look()
    {
        lock (_look)
        {
            if (_look.CurrentCount == 0)
            {
                _look.Release();
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Hears of changes, from number {Number} on")]
        public static partial void Hears(ILogger logger, long number);

        [LoggerMessage(LogLevel.Warning, "Does not hear of changes, so that what is cached here lives for a short time only: {Reason}")]
        public static partial void Deaf(ILogger logger, string reason);
    }
}
