using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Shop.BuildingBlocks.Discovery;

/// <summary>An entry of <c>/v1/health/service/:name</c>, as far as it is used.</summary>
internal sealed record ConsulHealthEntry(ConsulNode Node, ConsulService Service)
{
    private const string SecureKey = "secure";

    /// <summary>Null for an entry that nobody could connect to, such as one without a port.</summary>
    public ServiceInstance? ToInstance()
    {
        var meta = Service.Meta ?? [];
        var host = string.IsNullOrEmpty(Service.Address) ? Node.Address : Service.Address;
        if (Service.Port is < 1 or > 65535 || Uri.CheckHostName(host) is UriHostNameType.Unknown)
        {
            return null;
        }

        // Steeltoe's way to say https.
        var scheme = meta.GetValueOrDefault(SecureKey) == "true" ? Uri.UriSchemeHttps : Uri.UriSchemeHttp;
        return new ServiceInstance(Service.Name, Service.Id, new UriBuilder(scheme, host, Service.Port).Uri, meta.ToImmutableDictionary());
    }
}

internal sealed record ConsulNode(string Address);

internal sealed record ConsulService(
    [property: JsonPropertyName("ID")] string Id,
    [property: JsonPropertyName("Service")] string Name,
    string? Address,
    int Port,
    Dictionary<string, string?>? Meta);

/// <summary>The body of <c>/v1/agent/service/register</c>.</summary>
internal sealed record ConsulServiceRegistration(
    [property: JsonPropertyName("ID")] string Id,
    string Name,
    string Address,
    int Port,
    IEnumerable<string> Tags,
    IReadOnlyDictionary<string, string> Meta,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ConsulCheck? Check);

/// <summary>Either asked by Consul (<c>HTTP</c>) or kept alive from inside (<c>TTL</c>).</summary>
internal sealed record ConsulCheck(
    [property: JsonPropertyName("CheckID")] string CheckId,
    string Name,
    string Status,
    string DeregisterCriticalServiceAfter)
{
    [JsonPropertyName("HTTP")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Http { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Interval { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Timeout { get; init; }

    [JsonPropertyName("TTL")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Ttl { get; init; }
}
