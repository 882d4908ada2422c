using System.Collections.Immutable;
using System.Globalization;

namespace Shop.BuildingBlocks.Discovery;

/// <summary>One replica of a service: where it is, and what share of the requests it takes.</summary>
/// <remarks>A snapshot: the replica may be gone by the time it is called.</remarks>
public sealed record ServiceInstance(string ServiceId, string InstanceId, Uri Uri, ImmutableDictionary<string, string?> Tags) : IServiceInstance
{
    public const string WeightKey = "weight";
    public const string ZoneKey = "zone";
    public const int MaxWeight = 1000;

    public ServiceInstance(IServiceInstance other)
        : this(other.ServiceId, other.InstanceId, other.Uri, other.Metadata.ToImmutableDictionary())
    {
    }

    /// <summary>0 takes nothing as long as another replica takes something. What is no number from 0 to 1000 counts as 1.</summary>
    public int Weight { get; init; } = WeightOf(Tags.GetValueOrDefault(WeightKey));

    public string? Zone => Tags.GetValueOrDefault(ZoneKey);

    public string Host => Uri.Host;

    public int Port => Uri.Port;

    public bool IsSecure => Uri.Scheme == Uri.UriSchemeHttps;

    public Uri? NonSecureUri => IsSecure ? null : Uri;

    public Uri? SecureUri => IsSecure ? Uri : null;

    public IReadOnlyDictionary<string, string?> Metadata => Tags;

    private static int WeightOf(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var weight) && weight <= MaxWeight ? weight : 1;
}
