using System.Text.Json.Nodes;

namespace Shop.ServiceDefaults;

/// <summary>Makes the one public document of the shop from the documents of its services.</summary>
/// <remarks>It merges; it does not validate: a reference to a component that no document has stays as it is.</remarks>
public static class OpenApiMerge
{
    public const string Title = "Shop API";
    public const string Version = "v1";
    public const string Description =
        "Orders, products, wallets and sessions. Ids are strings, money is in minor units (cents), times are UTC. Every refusal is a problem (RFC 9457): "
        + "switch on its code. Every response names its trace (Shop-Trace-Id) and the replica that answered (Shop-Instance).";

    public const string PublicPrefix = "/api/v1";

    /// <summary>The operations under the public prefix and all components, sorted by name, whatever the order of the documents.</summary>
    /// <exception cref="InvalidOperationException">Two documents describe one operation, or one component in two ways.</exception>
    public static JsonObject Merge(params IEnumerable<JsonNode> documents)
    {
        var operations = new SortedDictionary<string, SortedDictionary<string, JsonNode?>>(StringComparer.Ordinal);
        var components = new SortedDictionary<string, SortedDictionary<string, JsonNode?>>(StringComparer.Ordinal);
        var tags = new SortedSet<string>(StringComparer.Ordinal);

        foreach (var document in documents)
        {
            foreach (var (path, item) in Members(document["paths"]).Where(path => IsPublic(path.Key)))
            {
                foreach (var (method, operation) in Members(item))
                {
                    if (!Bucket(operations, path).TryAdd(method, operation))
                    {
                        throw new InvalidOperationException($"Two documents describe {method.ToUpperInvariant()} {path}.");
                    }

                    tags.UnionWith(operation?["tags"]?.AsArray().Select(tag => tag!.GetValue<string>()) ?? []);
                }
            }

            foreach (var (kind, items) in Members(document["components"]))
            {
                foreach (var (name, component) in Members(items))
                {
                    if (!Bucket(components, kind).TryAdd(name, component) && !JsonNode.DeepEquals(components[kind][name], component))
                    {
                        throw new InvalidOperationException($"Two documents describe components/{kind}/{name} in different ways.");
                    }
                }
            }
        }

        var merged = new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject { ["title"] = Title, ["version"] = Version, ["description"] = Description },
            ["paths"] = ToJson(operations),
            ["components"] = ToJson(components),
            ["tags"] = new JsonArray([.. tags.Select(tag => new JsonObject { ["name"] = tag })]),
        };
        OpenAnswers(merged);
        return merged;
    }

    // Unknown members are refused in requests only: an answer may have new ones any day, and clients must not mind.
    private static void OpenAnswers(JsonObject document)
    {
        var schemas = document["components"]?["schemas"]?.AsObject() ?? [];
        var requests = new HashSet<string>(StringComparer.Ordinal);
        foreach (var operation in Members(document["paths"]).SelectMany(path => Members(path.Value)))
        {
            Visit(operation.Value?["requestBody"]);
        }

        foreach (var (name, schema) in schemas)
        {
            if (!requests.Contains(name) && schema?["additionalProperties"] is JsonValue closed && !closed.GetValue<bool>())
            {
                schema.AsObject().Remove("additionalProperties");
            }
        }

        void Visit(JsonNode? node)
        {
            if (node is JsonObject item && item["$ref"]?.GetValue<string>() is { } reference)
            {
                var name = reference[(reference.LastIndexOf('/') + 1)..];
                if (requests.Add(name))
                {
                    Visit(schemas[name]);
                }

                return;
            }

            foreach (var child in node switch { JsonObject members => members.Select(m => m.Value), JsonArray items => items, _ => [] })
            {
                Visit(child);
            }
        }
    }

    private static bool IsPublic(string path) => path == PublicPrefix || path.StartsWith(PublicPrefix + "/", StringComparison.Ordinal);

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Members(JsonNode? node) => node?.AsObject() ?? [];

    private static SortedDictionary<string, JsonNode?> Bucket(SortedDictionary<string, SortedDictionary<string, JsonNode?>> buckets, string key)
    {
        if (!buckets.TryGetValue(key, out var bucket))
        {
            buckets[key] = bucket = new(StringComparer.Ordinal);
        }

        return bucket;
    }

    private static JsonObject ToJson(SortedDictionary<string, SortedDictionary<string, JsonNode?>> buckets) => new(buckets.Select(bucket =>
        KeyValuePair.Create<string, JsonNode?>(bucket.Key, new JsonObject(
            bucket.Value.Select(item => KeyValuePair.Create(item.Key, item.Value?.DeepClone()))))));
}
