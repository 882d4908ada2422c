using System.Collections.Immutable;
using System.Text;

namespace Shop.BuildingBlocks.Configuration;

/// <summary>The folders of one process in the store, as Spring Cloud Consul lays them out, and how they cover each other.</summary>
internal sealed class KvLayers(string prefix, string application, IEnumerable<string> profiles)
{
    private const string Shared = "application";

    /// <summary>From the most general to the most special: a later one wins.</summary>
    public ImmutableArray<string> InOrder { get; } = [Shared, application, .. profiles.Select(profile => $"{application},{profile}")];

    /// <summary>All layers are read with one question, so that they are of one moment.</summary>
    public string Query => $"kv/{prefix}/?recurse=true";

    public KvSnapshot Merge(ulong version, IEnumerable<KvPair> pairs, Func<string, bool> isAllowed)
    {
        var settings = KvSnapshot.Empty.Settings.ToBuilder();
        var ignored = ImmutableSortedSet.CreateBuilder<string>(StringComparer.OrdinalIgnoreCase);
        var mine =
            from pair in pairs
            let path = pair.Key[(prefix.Length + 1)..].Split('/', 2)
            let layer = InOrder.IndexOf(path[0])
            where layer >= 0 && path is [_, { Length: > 0 } rest] && !rest.EndsWith('/') // a folder is a key without a value
            orderby layer
            select (Key: path[1].Replace('/', ':'), Layer: path[0], Pair: pair);
        foreach (var (key, layer, pair) in mine)
        {
            if (isAllowed(key))
            {
                settings[key] = new KvSetting(pair.Text, layer, pair.ModifyIndex);
            }
            else
            {
                ignored.Add($"{layer}/{key}");
            }
        }

        return new KvSnapshot(version, settings.ToImmutable(), ignored.ToImmutable());
    }
}

/// <summary>An entry of <c>/v1/kv</c>.</summary>
internal sealed record KvPair(string Key, byte[]? Value, ulong ModifyIndex)
{
    public string Text => Encoding.UTF8.GetString(Value ?? []);
}
