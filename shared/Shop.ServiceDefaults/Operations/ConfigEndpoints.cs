using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Shop.BuildingBlocks.Configuration;

namespace Shop.ServiceDefaults;

/// <summary>What an operator sees of the settings: who runs what, since when, and from where.</summary>
internal static partial class ConfigEndpoints
{
    private const string Masked = "***";
    private const string Default = "default";

    public static void MapConfig(this IEndpointRouteBuilder routes) => routes.MapGet("/ops/config", Show).RequireOperatorKey();

    internal static ConfigView Show(IConfiguration configuration, LiveSettings live, KvView store, ServiceInfo service)
    {
        var state = store.State;

        // Without a colon it is no setting of the shop but somebody's environment, with who knows what in it.
        var configured = ConfigurationSources.Flatten(((IConfigurationRoot)configuration).Providers)
            .Where(entry => entry.Key.Contains(ConfigurationPath.KeyDelimiter, StringComparison.Ordinal))
            .ToImmutableSortedDictionary(entry => entry.Key, entry => Configured(entry.Key, entry.Value), StringComparer.OrdinalIgnoreCase);
        var defaults = live.Sections
            .SelectMany(section => Leaves(section.Section, JsonSerializer.SerializeToNode(section.Current())).Where(leaf => section.Holds(leaf.Key)))
            .Where(leaf => !configured.ContainsKey(leaf.Key))
            .DistinctBy(leaf => leaf.Key)
            .Select(leaf => new SettingView(leaf.Key, Mask(leaf.Key, leaf.Value), Default, null, null, Live: true));
        return new ConfigView(
            service.Name,
            service.Instance,
            state.Origin,
            state.Origin is KvOrigin.None ? null : state.Snapshot.Version,
            state.Rejected,
            state.Snapshot.Ignored,
            [.. configured.Values.Concat(defaults).OrderBy(setting => setting.Key, StringComparer.OrdinalIgnoreCase)]);

        SettingView Configured(string key, ConfigurationValue value) =>
            state.Snapshot.Settings.TryGetValue(key, out var kept) && value.Value == kept.Value
                ? new SettingView(key, Mask(key, kept.Value), kept.Layer, kept.Version, state.AppliedAt.GetValueOrDefault(key), Live: true)
                : new SettingView(key, Mask(key, value.Value), LayerOf(value.Source), null, null, live.IsAllowed(key));
    }

    internal static string? Mask(string key, string? value) =>
        SecretKey().IsMatch(key) || (value is not null && SecretValue().IsMatch(value)) ? Masked : value;

    private static string LayerOf(IConfigurationProvider source) =>
        source.GetType().Name.Replace("ConfigurationProvider", "", StringComparison.Ordinal).ToLowerInvariant();

    private static IEnumerable<KeyValuePair<string, string?>> Leaves(string path, JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => Leaves($"{path}:{member.Key}", member.Value)),
        JsonArray items => items.SelectMany((item, index) => Leaves($"{path}:{index}", item)),
        _ => [KeyValuePair.Create(path, node?.ToString())],
    };

    [GeneratedRegex("key|password|passwd|pwd|secret|token|credential|connectionstring|webhook", RegexOptions.IgnoreCase)]
    private static partial Regex SecretKey();

    // User and password in an address, or in a connection string.
    [GeneratedRegex(@"://[^/\s]*:[^/\s]*@|(password|pwd)\s*=", RegexOptions.IgnoreCase)]
    private static partial Regex SecretValue();
}
