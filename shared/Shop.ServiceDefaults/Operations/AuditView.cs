using System.Globalization;
using System.Text.Json.Nodes;
using Shop.BuildingBlocks.Audit;

namespace Shop.ServiceDefaults;

/// <summary>One entry of the audit trail.</summary>
/// <remarks>The states are as they were written then, in the form that the service gave them then.</remarks>
public sealed record AuditView(string Id, DateTimeOffset At, string Who, string Action, string Subject, JsonNode? Before, JsonNode? After)
{
    public static AuditView Of(AuditEntry entry) => new(
        entry.Id.ToString(CultureInfo.InvariantCulture), entry.At, entry.Who, entry.Action, entry.Subject, Parse(entry.Before), Parse(entry.After));

    private static JsonNode? Parse(string? json) => json is null ? null : JsonNode.Parse(json);
}
