using System.Text.RegularExpressions;
using System.Xml.Linq;
using Shop.UnitTests.Support;

namespace Shop.UnitTests.Architecture;

/// <summary>The solution is whole, the versions are pinned and the Program.cs files stay short.</summary>
public sealed partial class BuildFileTests
{
    private const int MaxProgramLines = 25;

    private static readonly string[] Apps =
        ["gateway", "services/ordering", "services/inventory", "services/payments", "services/all-in-one"];

    [Fact]
    public void Every_project_is_in_the_solution() => Assert.Empty(Missing(Repository.Read("Shop.sln"), Repository.Files("*.csproj")));

    [Fact]
    public void A_project_outside_the_solution_is_found() =>
        Assert.Equal(["lab/Other.csproj"], Missing(Repository.Read("Shop.sln"), ["lab/Shop.Lab.csproj", "lab/Other.csproj"]));

    [Fact]
    public void Every_package_version_is_pinned_in_one_place() => Assert.Empty(
        Unpinned(Repository.Read("Directory.Packages.props"))
            .Concat(Repository.Files("*.csproj").Append("Directory.Build.props").SelectMany(path => VersionsOutsideThePins(Repository.Read(path)))));

    [Theory]
    [InlineData("1.*")]
    [InlineData("[1.0,2.0)")]
    [InlineData("[1.0.0]")]
    [InlineData("1.0")]
    [InlineData("$(Unknown)")]
    public void A_version_that_can_float_is_found(string version) => Assert.Equal(
        [$"Some.Package {version}"],
        Unpinned($"""<Project><ItemGroup><PackageVersion Include="Some.Package" Version="{version}" /></ItemGroup></Project>"""));

    [Theory]
    [InlineData("Version")]
    [InlineData("VersionOverride")]
    public void A_version_in_a_project_file_is_found(string attribute) => Assert.Single(VersionsOutsideThePins(
        $"""<Project><ItemGroup><PackageReference Include="Some.Package" {attribute}="1.0.0" /></ItemGroup></Project>"""));

    [Fact]
    public void Program_files_are_a_list_of_calls() =>
        Assert.DoesNotContain(Apps, app => TooLong(Repository.Read($"{app}/Program.cs")));

    [Fact]
    public void A_program_file_that_grows_is_found()
    {
        var program = string.Concat(Enumerable.Repeat("app.Map();\n", MaxProgramLines));

        Assert.False(TooLong(program));
        Assert.True(TooLong(program + "app.Run();\n"));
    }

    private static IEnumerable<string> Missing(string solution, IEnumerable<string> projects) =>
        projects.Where(path => !solution.Contains($"\"{path.Replace('/', '\\')}\"", StringComparison.Ordinal));

    private static IEnumerable<string> Unpinned(string props)
    {
        var document = XDocument.Parse(props);
        var properties = document.Descendants("PropertyGroup").Elements().ToDictionary(property => $"$({property.Name.LocalName})", property => property.Value);
        return
            from package in document.Descendants("PackageVersion")
            let version = package.Attribute("Version")!.Value
            where !Exact().IsMatch(properties.GetValueOrDefault(version, version))
            select $"{package.Attribute("Include")!.Value} {version}";
    }

    private static IEnumerable<string> VersionsOutsideThePins(string csproj) =>
        XDocument.Parse(csproj).Descendants("PackageReference")
            .Where(package => package.Attribute("Version") is not null || package.Attribute("VersionOverride") is not null)
            .Select(package => $"{package}");

    private static bool TooLong(string program) => program.TrimEnd().Split('\n').Length > MaxProgramLines;

    [GeneratedRegex(@"^\d+\.\d+\.\d+(\.\d+)?(-[0-9A-Za-z.]+)?$")]
    private static partial Regex Exact();
}
