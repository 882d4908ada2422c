using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Ids.Segments;

/// <summary>The series of a service, and what keeps their reserves full: one statement for each segment, in a transaction of its own.</summary>
/// <remarks>A crash between the commit and the first use loses the segment: its numbers are never made.</remarks>
internal sealed partial class SegmentRefill<TContext> : BackgroundService
    where TContext : ShopDbContext
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly Database<TContext> _database;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _hungry = new(0, 1);
    private readonly Dictionary<string, SegmentIdGenerator> _series;

    public SegmentRefill(
        Database<TContext> database,
        IEnumerable<SeriesName> series,
        IOptions<SegmentOptions> options,
        TimeProvider clock,
        ILogger<SegmentRefill<TContext>> logger)
    {
        (_database, _clock, _logger) = (database, clock, logger);
        _series = series.ToDictionary(s => s.Name, s => new SegmentIdGenerator(s.Name, options.Value, clock, Wake));
    }

    public SegmentIdGenerator Of(string series) => _series[series];

    /// <summary>Fills the buffers before the service listens: its first order needs a number.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await FillAsync(cancellationToken);
        }
        catch (Exception exception) when (exception.IsTransient() || exception.IsConflict())
        {
            Log.NotFilled(_logger, exception.Message);
        }

        await base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _hungry.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = FirstPause;
        var away = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await FillAsync(stoppingToken);
                (pause, away) = (FirstPause, false);
                await _hungry.WaitAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                if (!away)
                {
                    Log.NotFilled(_logger, exception.Message);
                }

                away = true;
                await Task.Delay(pause, _clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
            }
        }
    }

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        foreach (var generator in _series.Values)
        {
            while (generator.IsHungry)
            {
                var step = generator.Step;
                var end = await _database.WriteAsync(db => RaiseAsync(db, generator.Series, step, cancellationToken), cancellationToken);
                generator.Add(new Segment(end - step, end));
            }
        }
    }

    // One statement, so that two who ask at once are served one after the other by the row's own lock.
    private static async Task<long> RaiseAsync(TContext db, string series, int step, CancellationToken cancellationToken) =>
        (await db.Database.SqlQuery<long>(
            $"""
             INSERT INTO id_segments (name, next) VALUES ({series}, {1L + step})
             ON CONFLICT (name) DO UPDATE SET next = id_segments.next + {(long)step}
             RETURNING next AS "Value"
             """).ToListAsync(cancellationToken))[0];

    private void Wake()
    {
        try
        {
            _hungry.Release();
        }
        catch (SemaphoreFullException)
        {
            // It has been told.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "No new numbers could be fetched; what is in reserve is used: {Reason}")]
        public static partial void NotFilled(ILogger logger, string reason);
    }
}

/// <summary>The name of a series of numbers.</summary>
internal sealed record SeriesName(string Name);
