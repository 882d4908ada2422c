using YamlDotNet.RepresentationModel;

namespace Shop.UnitTests.Compose;

/// <summary>One service of docker-compose.yml.</summary>
internal sealed record ComposeService(string Name, YamlMappingNode Node)
{
    public string? this[string key] => Child(key) is YamlScalarNode scalar ? scalar.Value : null;

    /// <summary>It runs to its end before others start.</summary>
    public bool IsJob => this["restart"] == "no";

    public IReadOnlyDictionary<string, string> Environment => Pairs("environment").ToDictionary(pair => pair.Key, pair => $"{pair.Value}");

    /// <summary>Where in /run/secrets the file of which secret lies.</summary>
    public IReadOnlyDictionary<string, string> Secrets => Mounts("secrets");

    public IReadOnlyDictionary<string, string> DependsOn => Pairs("depends_on").ToDictionary(pair => pair.Key, pair => $"{pair.Value["condition"]}");

    public IReadOnlyList<string> Command => List("command");

    public IReadOnlyList<string> Networks => Child("networks") is YamlMappingNode networks ? [.. networks.Children.Keys.Select(key => key.ToString())] : List("networks");

    public IReadOnlyList<string> Ports => List("ports");

    public IReadOnlyList<string> Volumes => List("volumes");

    public IReadOnlyList<string> Dropped => List("cap_drop");

    public IReadOnlyList<string> HealthTest => Child("healthcheck") is YamlMappingNode health && health.Children.TryGetValue("test", out var test)
        ? [.. ((YamlSequenceNode)test).Select(part => $"{part}")]
        : [];

    public IReadOnlyDictionary<string, string> BuildArguments => Child("build") is YamlMappingNode build
        ? ((YamlMappingNode)build["args"]).ToDictionary(pair => $"{pair.Key}", pair => $"{pair.Value}")
        : [];

    private YamlNode? Child(string key) => Node.Children.TryGetValue(key, out var child) ? child : null;

    private IEnumerable<KeyValuePair<string, YamlNode>> Pairs(string key) =>
        ((YamlMappingNode?)Child(key))?.Select(pair => KeyValuePair.Create($"{pair.Key}", pair.Value)) ?? [];

    private IReadOnlyList<string> List(string key) => ((YamlSequenceNode?)Child(key))?.Select(item => $"{item}").ToList() ?? [];

    // Short, the name alone, or with the target that it gets.
    private Dictionary<string, string> Mounts(string key) => ((YamlSequenceNode?)Child(key))?
        .Select(item => item is YamlMappingNode mount ? (Target: $"{mount["target"]}", Source: $"{mount["source"]}") : (Target: $"{item}", Source: $"{item}"))
        .ToDictionary(mount => mount.Target, mount => mount.Source) ?? [];
}
