using System.Text.Json;
using System.Text.Json.Serialization;

namespace Shop.Ordering.Reconciliation;

/// <summary><c>Proposed -> Approved -> Applied | Refused</c>; <c>Proposed -> Rejected | Gone</c>. The numbers are stored.</summary>
[JsonConverter(typeof(DifferenceStateJson))]
internal enum DifferenceState
{
    Proposed = 1,

    /// <summary>Decided; whether it was carried out is not known yet. The next run does it again, which has no second effect.</summary>
    Approved = 2,
    Applied = 3,

    /// <summary>By the service that should have carried it out: things have changed, or the wallet is short.</summary>
    Refused = 4,

    /// <summary>By an operator.</summary>
    Rejected = 5,

    /// <summary>It disappeared before anybody decided.</summary>
    Gone = 6,
}

internal sealed class DifferenceStateJson() : JsonStringEnumConverter<DifferenceState>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
