using System.Text.Json;
using System.Text.Json.Serialization;
using Shop.Lab.Faults;

namespace Shop.Lab.Cluster.Links;

/// <summary>What is asked of the process that runs the links: one line of JSON on a connection of its own.</summary>
/// <param name="Ports">Which links are to have these faults from now on.</param>
/// <param name="Faults">Null asks only what is so now.</param>
internal sealed record LinkRequest(string Key, IReadOnlyList<int> Ports, LinkFaults? Faults)
{
    public static readonly JsonSerializerOptions Json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
}

/// <summary>Its answer, one line too, when the faults are in force.</summary>
internal sealed record LinkReply(IReadOnlyList<LinkStatus> Links, string? Refusal = null);

internal sealed record LinkStatus(int Port, LinkFaults Faults);
