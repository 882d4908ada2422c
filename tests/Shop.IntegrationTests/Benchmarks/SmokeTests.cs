using System.Text.Json.Nodes;
using Shop.IntegrationTests.Cluster;
using Shop.IntegrationTests.Support;
using Shop.Lab.Cluster.Apps;
using Shop.Lab.Cluster.Processes;
using Shop.Lab.Cluster.Servers;

namespace Shop.IntegrationTests.Benchmarks;

/// <summary>The suite as a user runs it: rows measure verified work on real servers, write it down, and leave nothing behind.</summary>
[Collection(OwnCluster.Name)]
public sealed class SmokeTests
{
    [Theory]
    [InlineData("ids")]
    [InlineData("consumer")]
    [InlineData("session-read")]
    public async Task A_row_runs_for_a_second(string row)
    {
        using var directory = new TempDirectory();

        var (exitCode, output) = await SuiteAsync(
            row, "--seconds", "1", "--rounds", "1", "--warm-up", "1", "--directory", directory.Path, "--port", $"{Ports.Free(100)}");

        Assert.True(exitCode == 0, output);
        var figures = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(directory.Path, $"{row}.json")))!.AsArray();
        Assert.NotEmpty(figures);
        Assert.All(figures, figure => Assert.True(figure!["rate"]!.GetValue<double>() > 0, figure.ToJsonString()));
        Assert.Contains("<svg", await File.ReadAllTextAsync(Path.Combine(directory.Path, $"{row}.html")), StringComparison.Ordinal);
        Assert.Empty(Servers.Left(directory.Path));
    }

    [Fact]
    public async Task What_is_no_row_is_refused()
    {
        var (exitCode, output) = await SuiteAsync("chekout");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("chekout", output, StringComparison.Ordinal);
    }

    private static Task<(int ExitCode, string Output)> SuiteAsync(params string[] arguments) =>
        CommandLine.TryAsync([new Binaries().Dotnet, SourceTree.Find().Assembly("Shop.Benchmarks"), .. arguments], null, null, CancellationToken.None);
}
