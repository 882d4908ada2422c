using System.Xml.Linq;
using Shop.UnitTests.Support;

namespace Shop.UnitTests.Architecture;

/// <summary>References run one way: tests, benchmarks, lab, all-in-one, app, ServiceDefaults, BuildingBlocks, Contracts.</summary>
public sealed class ReferenceTests
{
    // A project may reference what stands on a lower step. The four apps share a step, so they never see each other.
    private static readonly Dictionary<string, int> Steps = new()
    {
        ["Shop.Contracts"] = 0,
        ["Shop.BuildingBlocks"] = 1,
        ["Shop.ServiceDefaults"] = 2,
        ["Shop.Gateway"] = 3,
        ["Shop.Ordering"] = 3,
        ["Shop.Inventory"] = 3,
        ["Shop.Payments"] = 3,
        ["Shop.AllInOne"] = 4,
        ["Shop.Lab"] = 5,
        ["Shop.Benchmarks"] = 6,
        ["Shop.UnitTests"] = 7,
        ["Shop.IntegrationTests"] = 7,
    };

    private static readonly Project[] Projects = [.. Repository.Files("*.csproj").Select(path => Project.Parse(path, Repository.Read(path)))];

    [Fact]
    public void Every_project_references_only_what_stands_below_it() => Assert.Empty(Violations(Projects));

    [Theory]
    [InlineData("Shop.Ordering", "Shop.Inventory")]
    [InlineData("Shop.Payments", "Shop.AllInOne")]
    [InlineData("Shop.AllInOne", "Shop.Lab")]
    [InlineData("Shop.ServiceDefaults", "Shop.Gateway")]
    [InlineData("Shop.BuildingBlocks", "Shop.ServiceDefaults")]
    [InlineData("Shop.Contracts", "Shop.BuildingBlocks")]
    [InlineData("Shop.Lab", "Shop.UnitTests")]
    public void A_reference_upwards_or_sideways_is_found(string from, string to) =>
        Assert.Equal([$"{from} references {to}"], Violations([.. Projects.Select(project => project.Name == from ? project.With(to) : project)]));

    [Fact]
    public void A_project_without_a_step_is_found() => Assert.Equal(
        ["Shop.Reporting has no step in the order of references"],
        Violations([.. Projects, Project.Parse("services/reporting/Shop.Reporting.csproj", """<Project Sdk="Microsoft.NET.Sdk.Web" />""")]));

    [Fact]
    public void Contracts_reference_nothing_at_all() => Assert.Empty(Contracts(Repository.Read("shared/Shop.Contracts/Shop.Contracts.csproj")));

    [Theory]
    [InlineData("""<PackageReference Include="MassTransit" />""")]
    [InlineData("""<FrameworkReference Include="Microsoft.AspNetCore.App" />""")]
    [InlineData("""<ProjectReference Include="../Shop.BuildingBlocks/Shop.BuildingBlocks.csproj" />""")]
    public void Anything_that_contracts_reference_is_found(string reference) =>
        Assert.Single(Contracts($"""<Project Sdk="Microsoft.NET.Sdk"><ItemGroup>{reference}</ItemGroup></Project>"""));

    private static IEnumerable<string> Violations(IReadOnlyCollection<Project> projects) =>
        from project in projects
        from violation in Steps.TryGetValue(project.Name, out var step)
            ? project.References.Where(to => !Steps.TryGetValue(to, out var below) || below >= step).Select(to => $"{project.Name} references {to}")
            : [$"{project.Name} has no step in the order of references"]
        select violation;

    private static IEnumerable<string> Contracts(string csproj) =>
        XDocument.Parse(csproj).Descendants().Where(item => item.Name.LocalName.EndsWith("Reference", StringComparison.Ordinal)).Select(item => $"{item}");

    private sealed record Project(string Name, IReadOnlyList<string> References)
    {
        public static Project Parse(string path, string csproj) => new(
            Path.GetFileNameWithoutExtension(path),
            [.. XDocument.Parse(csproj).Descendants("ProjectReference").Select(item => Path.GetFileNameWithoutExtension(item.Attribute("Include")!.Value.Replace('\\', '/')))]);

        public Project With(string reference) => this with { References = [.. References, reference] };
    }
}
