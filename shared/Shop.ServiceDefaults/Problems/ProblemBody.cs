using System.Text.Json.Serialization;

namespace Shop.ServiceDefaults;

/// <summary>The body of every refusal: RFC 9457 with the shop's <c>code</c>, <c>traceId</c>, <c>errors</c> and <c>currentVersion</c>.</summary>
/// <remarks><c>title</c> and <c>detail</c> are for people and may change; programs switch on <c>code</c>.</remarks>
public sealed record ProblemBody(string Type, string Title, int Status, string Code, string TraceId)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Detail { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? CurrentVersion { get; init; }
}
