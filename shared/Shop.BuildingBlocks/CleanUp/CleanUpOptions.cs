using System.ComponentModel.DataAnnotations;

namespace Shop.BuildingBlocks.CleanUp;

/// <summary>How long is kept what only repeats and operators need. All services of a shop must be told the same.</summary>
public sealed class CleanUpOptions : IValidatableObject
{
    public const string Section = "CleanUp";

    /// <summary>The clocks of two nodes may differ by as much, and a command for an order may still be accepted or not.</summary>
    public static readonly TimeSpan ClockMargin = TimeSpan.FromHours(1);

    /// <summary>The longest time for which anybody goes on repeating a command by himself: timeouts, retries, and a broker or a participant that is away.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan LongestRetry { get; set; } = TimeSpan.FromDays(7);

    /// <summary>So long a dead letter waits for an operator; nobody can requeue it afterwards.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan DeadLettersKeptFor { get; set; } = TimeSpan.FromDays(14);

    /// <summary>The window of deduplication: so long a participant answers a repeat from its record. Longer than the two above together, or a
    /// repeat could find its record gone.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public TimeSpan OperationsKeptFor { get; set; } = TimeSpan.FromDays(30);

    /// <summary>The history of jobs, and alarms that are over.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public TimeSpan HistoryKeptFor { get; set; } = TimeSpan.FromDays(30);

    /// <summary>So many rows are deleted in one transaction.</summary>
    [Range(1, 10_000)]
    public int BatchSize { get; set; } = 500;

    /// <summary>An order that is older than this has no record that was not made already: a command that would begin something for it is refused.</summary>
    public TimeSpan BeginsFor => OperationsKeptFor - ClockMargin;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (OperationsKeptFor < LongestRetry + DeadLettersKeptFor + ClockMargin)
        {
            yield return new ValidationResult(
                $"{Section}:{nameof(OperationsKeptFor)} ({OperationsKeptFor}) must not be shorter than {nameof(LongestRetry)} ({LongestRetry}) and "
                + $"{nameof(DeadLettersKeptFor)} ({DeadLettersKeptFor}) and {ClockMargin} together: a repeat could find its record gone and act twice.");
        }
    }
}
