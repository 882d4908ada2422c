using System.Globalization;
using Shop.BuildingBlocks.Alarms;

namespace Shop.ServiceDefaults;

/// <summary>An alarm as operators see it.</summary>
/// <param name="Count">How often it was seen.</param>
/// <param name="Notified">How often somebody was told of it, its end included.</param>
public sealed record AlarmView(
    string Id,
    string Subject,
    string Cause,
    string Text,
    DateTimeOffset RaisedAt,
    DateTimeOffset LastAt,
    long Count,
    DateTimeOffset? ResolvedAt,
    DateTimeOffset? NotifiedAt,
    int Notified)
{
    public static AlarmView Of(Alarm alarm) => new(
        alarm.Id.ToString(CultureInfo.InvariantCulture),
        alarm.Subject,
        alarm.Cause,
        alarm.Text,
        alarm.RaisedAt,
        alarm.LastAt,
        alarm.Count,
        alarm.ResolvedAt,
        alarm.NotifiedAt,
        alarm.Notified);
}
