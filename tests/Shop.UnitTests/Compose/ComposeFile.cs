using System.Text.RegularExpressions;
using Shop.UnitTests.Support;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;
using YamlDotNet.Serialization;

namespace Shop.UnitTests.Compose;

/// <summary>docker-compose.yml as Compose reads it: anchors merged, and the values of .env in their places.</summary>
internal sealed partial class ComposeFile
{
    private readonly YamlMappingNode _root;

    private ComposeFile(YamlMappingNode root) => _root = root;

    public static ComposeFile OfRepository { get; } = Parse(Repository.Read("docker-compose.yml"), Repository.Read(".env"));

    public IReadOnlyDictionary<string, ComposeService> Services =>
        Mapping("services").ToDictionary(pair => $"{pair.Key}", pair => new ComposeService($"{pair.Key}", (YamlMappingNode)pair.Value));

    /// <summary>The file of each secret.</summary>
    public IReadOnlyDictionary<string, string> Secrets => Files("secrets");

    /// <summary>The file of each config.</summary>
    public IReadOnlyDictionary<string, string> Configs => Files("configs");

    public IEnumerable<string> Volumes => Mapping("volumes").Select(pair => $"{pair.Key}");

    public static ComposeFile Parse(string text, string env)
    {
        var values = env.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        var filled = Variable().Replace(text, match => values[match.Groups["name"].Value]);

        // A merge key becomes what it stands for when the text is read into objects; written again, it is plain YAML.
        var merged = new DeserializerBuilder().Build().Deserialize<object>(new MergingParser(new Parser(new StringReader(filled))));
        var stream = new YamlStream();
        stream.Load(new StringReader(new SerializerBuilder().DisableAliases().WithQuotingNecessaryStrings().Build().Serialize(merged)));
        return new ComposeFile((YamlMappingNode)stream.Documents[0].RootNode);
    }

    private Dictionary<string, string> Files(string section) => Mapping(section).ToDictionary(pair => $"{pair.Key}", pair => $"{pair.Value["file"]}");

    private IEnumerable<KeyValuePair<YamlNode, YamlNode>> Mapping(string section) => ((YamlMappingNode)_root[section]).Children;

    [GeneratedRegex(@"\$\{(?<name>\w+)\}")]
    private static partial Regex Variable();
}
