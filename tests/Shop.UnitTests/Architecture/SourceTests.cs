using System.Text.RegularExpressions;
using Shop.UnitTests.Support;

namespace Shop.UnitTests.Architecture;

/// <summary>What no file may hold, and what the public types of shared/ must say.</summary>
public sealed partial class SourceTests
{
    private static readonly string[] Text =
        [".cs", ".csproj", ".props", ".targets", ".sln", ".json", ".md", ".sh", ".yml", ".yaml", ".txt", ".js", ".sql", ".config", ".editorconfig", ".gitignore", ""];

    [Fact]
    public void No_file_names_a_path_of_somebodys_machine_or_a_package_registry() => Assert.Empty(
        from path in Repository.Files()
        where Text.Contains(Path.GetExtension(path))
        from line in Repository.Read(path).Split('\n')
        where OfOneMachine().IsMatch(line)
        select $"{path}: {line.Trim()}");

    // In pieces, so that this file does not break its own rule.
    [Theory]
    [InlineData("cd /", "home/alice/shop")]
    [InlineData("source /", "root/.profile")]
    [InlineData("/", "Users/alice/shop")]
    [InlineData("out=/", "work/shop/artifacts")]
    [InlineData(@"C:\", @"Users\alice")]
    [InlineData("https:", "//nuget.example.com/v3/index.json")]
    [InlineData("http:", "//packages.example.com:8081/repository/npm/")]
    [InlineData("https:", "//artifactory.example.com/api/nuget")]
    [InlineData("https:", "//api.nuget.org/v3")]
    public void A_path_or_a_registry_is_found(string start, string end) => Assert.Matches(OfOneMachine(), start + end);

    [Theory]
    [InlineData("COPY --from=build /app /app")]
    [InlineData("https://github.com/example/shop")]
    [InlineData("docs/decisions/0004-package-pins.md")]
    [InlineData("services/inventory/home/index.md")]
    [InlineData("http://127.0.0.1:5000/api/v1/orders")]
    public void Ordinary_text_is_left_alone(string line) => Assert.DoesNotMatch(OfOneMachine(), line);

    [Fact]
    public void Every_public_type_of_shared_says_in_a_sentence_what_it_is() => Assert.Empty(
        from path in Repository.Files("*.cs", under: "shared")
        from type in Undocumented(Repository.Read(path))
        select $"{path}: {type}");

    [Theory]
    [InlineData("public sealed class Found;")]
    [InlineData("    public readonly record struct Found(int A);")]
    [InlineData("// <summary>Not a doc comment.</summary>\npublic interface Found;")]
    [InlineData("/// <remarks>No summary.</remarks>\npublic static partial class Found;")]
    [InlineData("/// <summary>Of something else.</summary>\ninternal sealed class Other;\n[Flags]\npublic enum Found;")]
    public void A_public_type_without_a_summary_is_found(string source) => Assert.Equal(["Found"], Undocumented(source));

    [Theory]
    [InlineData("/// <summary>Said.</summary>\n[Obsolete]\npublic sealed class Fine;")]
    [InlineData("/// <summary>\n/// Said.\n/// </summary>\n/// <remarks>More.</remarks>\npublic abstract record Fine;")]
    [InlineData("internal sealed class Fine;")]
    public void A_documented_or_internal_type_is_left_alone(string source) => Assert.Empty(Undocumented(source));

    private static IEnumerable<string> Undocumented(string source)
    {
        var lines = source.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (PublicType().Match(lines[i]) is { Success: true } type && !Above(i).Any(line => line.Contains("<summary>", StringComparison.Ordinal)))
            {
                yield return type.Groups["name"].Value;
            }
        }

        // The doc comment and the attributes that belong to a line.
        IEnumerable<string> Above(int line) => lines.Take(line).Reverse()
            .Select(text => text.Trim())
            .TakeWhile(text => text.StartsWith("///", StringComparison.Ordinal) || text.StartsWith('['))
            .Where(text => text.StartsWith("///", StringComparison.Ordinal));
    }

    [GeneratedRegex(
        @"(?<![\w./-])/(home|root|Users|work)/\.?\w" + // a path that starts at the root of one machine
        @"|[A-Za-z]:\\(Users|src|work)\b" +
        @"|https?://[\w.-]*(nuget|npmjs|pypi|artifactory|nexus)\b" + // a registry by its name
        @"|https?://[^\s""]*(/v3/index\.json|/repository/|/simple/)")] // or by its routes
    private static partial Regex OfOneMachine();

    [GeneratedRegex(
        @"^\s*public\s+((sealed|static|abstract|partial|readonly|ref|unsafe)\s+)*" +
        @"(class|interface|enum|struct|record(\s+(class|struct))?|delegate\s+\S+)\s+(?<name>\w+)")]
    private static partial Regex PublicType();
}
