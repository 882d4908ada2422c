using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Jobs;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Alarms;

/// <summary>Tells of alarms: in the log, in the metrics, and to a webhook. One node claims each telling.</summary>
/// <remarks>
/// A node that dies between the post and its record leaves the telling to another one, so the webhook may hear of it twice: <c>id</c> and
/// <c>state</c> tell it so. A webhook that does not answer is given up after a few tries, and heard of again when the alarm is repeated; the end of
/// an alarm is not repeated.
/// </remarks>
public sealed partial class AlarmTeller<TContext>(
    Database<TContext> database,
    IHttpClientFactory http,
    JobNode node,
    IOptions<AlarmOptions> options,
    TimeProvider clock,
    ILogger<AlarmTeller<TContext>> logger) : BackgroundService
    where TContext : ShopDbContext
{
    internal const string Client = "alarms";

    private static readonly Meter Meter = new("Shop.Alarms");
    private static readonly Counter<long> Raised = Meter.CreateCounter<long>("shop.alarms.raised", description: "Alarms that somebody was told of.");
    private static readonly Counter<long> Resolved = Meter.CreateCounter<long>("shop.alarms.resolved", description: "Alarms that were over.");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.PollInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await TellOneAsync(stoppingToken))
                {
                }
            }
            catch (Exception exception) when (exception is not OutOfMemoryException && !stoppingToken.IsCancellationRequested)
            {
                Log.Failed(logger, exception.Message);
            }
        }
    }

    /// <summary>Tells what is due, one alarm of it.</summary>
    /// <returns>False when nothing was due.</returns>
    internal async Task<bool> TellOneAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetStorageTime();
        if (!await database.ReadAsync(db => db.Alarms.AnyAsync(a => a.NotifyAt <= now, cancellationToken), cancellationToken))
        {
            return false;
        }

        var alarm = await database.WriteAsync(
            async db =>
            {
                var due = await db.Alarms.Where(a => a.NotifyAt <= now).OrderBy(a => a.NotifyAt).Take(1).ForUpdateSkipLocked().SingleOrDefaultAsync(cancellationToken);
                due?.ClaimTelling(now + (2 * options.Value.Timeout));
                return due;
            },
            cancellationToken);
        if (alarm is null)
        {
            return false;
        }

        var isOver = alarm.ResolvedAt is not null;
        if (alarm.NotifyTries == 1)
        {
            Say(alarm, isOver);
        }

        var isTold = await TryPostAsync(alarm, isOver, cancellationToken);
        await database.WriteAsync(
            async db =>
            {
                var current = await db.Alarms.Where(a => a.Id == alarm.Id).ForUpdate().SingleOrDefaultAsync(cancellationToken);

                // Resolved while it was told: its end is due now, and stays so.
                if (current is null || current.ResolvedAt is null == isOver)
                {
                    return;
                }

                var told = clock.GetStorageTime();
                if (isTold)
                {
                    current.Told(told, told + options.Value.RepeatAfter);
                }
                else if (current.NotifyTries >= options.Value.Tries)
                {
                    Log.GivenUp(logger, current.Subject, current.Cause, current.NotifyTries);
                    current.NotTold(told + options.Value.RepeatAfter, giveUp: true);
                }
                else
                {
                    current.NotTold(told + (options.Value.RetryAfter * Math.Pow(2, current.NotifyTries - 1)), giveUp: false);
                }
            },
            cancellationToken);
        return true;
    }

    private void Say(Alarm alarm, bool isOver)
    {
        var tags = new TagList { { "service", node.Service }, { "subject", alarm.Subject }, { "cause", alarm.Cause } };
        if (isOver)
        {
            Resolved.Add(1, tags);
            Log.IsOver(logger, alarm.Subject, alarm.Cause, alarm.Count);
        }
        else
        {
            Raised.Add(1, tags);
            Log.IsRaised(logger, alarm.Subject, alarm.Cause, alarm.Text);
        }
    }

    private async Task<bool> TryPostAsync(Alarm alarm, bool isOver, CancellationToken cancellationToken)
    {
        if (options.Value.Webhook is not { Length: > 0 } address)
        {
            return true;
        }

        var telling = new AlarmTelling(
            alarm.Id.ToString(CultureInfo.InvariantCulture),
            node.Service,
            alarm.Subject,
            alarm.Cause,
            isOver ? "resolved" : alarm.Notified == 0 ? "raised" : "repeated",
            alarm.Text,
            alarm.Count,
            alarm.RaisedAt,
            alarm.ResolvedAt);
        try
        {
            using var patience = new CancellationTokenSource(options.Value.Timeout, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
            using var client = http.CreateClient(Client);
            using var response = await client.PostAsJsonAsync(new Uri(address), telling, either.Token);
            response.EnsureSuccessStatusCode();
            return true;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            Log.NotTold(logger, alarm.Subject, alarm.Cause, exception.Message);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "ALARM {Subject} {Cause}: {Text}")]
        public static partial void IsRaised(ILogger logger, string subject, string cause, string text);

        [LoggerMessage(LogLevel.Warning, "Alarm {Subject} {Cause} is over; it was seen {Count} times")]
        public static partial void IsOver(ILogger logger, string subject, string cause, long count);

        [LoggerMessage(LogLevel.Warning, "The webhook was not told of {Subject} {Cause}: {Reason}")]
        public static partial void NotTold(ILogger logger, string subject, string cause, string reason);

        [LoggerMessage(LogLevel.Error, "The webhook is not told of {Subject} {Cause} after {Tries} tries")]
        public static partial void GivenUp(ILogger logger, string subject, string cause, int tries);

        [LoggerMessage(LogLevel.Warning, "Alarms could not be looked at: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}

/// <summary>What a webhook is told.</summary>
/// <param name="Id">The alarm. The same in all of its tellings.</param>
/// <param name="State">raised, repeated or resolved.</param>
public sealed record AlarmTelling(
    string Id,
    string Service,
    string Subject,
    string Cause,
    string State,
    string Text,
    long Count,
    DateTimeOffset RaisedAt,
    DateTimeOffset? ResolvedAt);
