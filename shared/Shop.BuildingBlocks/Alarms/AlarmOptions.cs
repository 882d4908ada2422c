using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Shop.BuildingBlocks.Alarms;

/// <summary>Who is told of alarms, and how often. They stand in the log and in the metrics whatever is configured here.</summary>
public sealed class AlarmOptions : IValidatableObject
{
    public const string Section = "Alarms";

    /// <summary>Where each telling is posted as JSON: https, or http on this machine. None: the log is all there is.</summary>
    public string? Webhook { get; set; }

    /// <summary>The patience for one post.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>So many posts are tried for one telling.</summary>
    [Range(1, 20)]
    public int Tries { get; set; } = 5;

    /// <summary>The pause before the second of them, doubled before each later one.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>An alarm that is still open is told again after this time, and not before.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan RepeatAfter { get; set; } = TimeSpan.FromHours(4);

    /// <summary>How often a node looks for something to tell.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>A message that has waited in the outbox for so long is an alarm: its destination has been away all the while.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan OutboxWaitsFor { get; set; } = TimeSpan.FromMinutes(15);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Webhook is { Length: > 0 } && !IsAllowed(Webhook))
        {
            yield return new ValidationResult(
                $"{Section}:{nameof(Webhook)} must be an absolute https address without user and password, or http on a loopback address.");
        }
    }

    private static bool IsAllowed(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && uri.UserInfo.Length == 0
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip)));
}
