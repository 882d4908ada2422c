using System.Text.Json.Nodes;
using Shop.IntegrationTests.Cluster;
using Shop.IntegrationTests.Support;
using Shop.Lab.Cluster.Apps;
using Shop.Lab.Cluster.Processes;
using Shop.Lab.Cluster.Servers;

namespace Shop.IntegrationTests.Benchmarks;

/// <summary>The suite as a user runs it: every row measures verified work on real servers, writes it down, and leaves nothing behind.</summary>
[Collection(OwnCluster.Name)]
public sealed class SmokeTests
{
    // Those that share a cluster run together; not all in one, for each has to end before a test counts as hung.
    private static readonly string[] Rows =
        ["checkout protocols order-create overload guards soak", "growth hot-sku cold-reserve contention", "relay consumer", "gateway session-read redlock ids"];

    public static TheoryData<string> Groups => new(Rows);

    [Theory]
    [MemberData(nameof(Groups))]
    public async Task Every_row_runs_for_a_second(string group)
    {
        using var directory = new TempDirectory();
        var rows = group.Split(' ');

        var (exitCode, output) = await SuiteAsync(["all", .. rows, "--smoke", "--directory", directory.Path, "--port", $"{Ports.Free(100)}"]);

        Assert.True(exitCode == 0, output);
        Assert.Empty(Servers.Left(directory.Path));
        foreach (var row in rows)
        {
            var figures = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(directory.Path, $"{row}.json")))!.AsArray();
            Assert.NotEmpty(figures);
            Assert.All(figures, figure => AssertWhole(row, figure!.AsObject()));
            Assert.Contains("<svg", await File.ReadAllTextAsync(Path.Combine(directory.Path, $"{row}.html")), StringComparison.Ordinal);
        }

        var page = new FileInfo(Path.Combine(directory.Path, "docs", "performance.md"));
        page.Directory!.Create();
        (exitCode, output) = await SuiteAsync("page", "--page", page.FullName, "--directory", directory.Path);

        Assert.True(exitCode == 0, output);
        var text = await File.ReadAllTextAsync(page.FullName);
        Assert.All(rows, row => Assert.Contains($"\n## {row}\n", text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_list_names_every_row()
    {
        var (exitCode, output) = await SuiteAsync("list");

        Assert.Equal(0, exitCode);
        Assert.Equal(Rows.SelectMany(group => group.Split(' ')).Order(), output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0]).Order());
    }

    [Fact]
    public async Task What_is_no_row_is_refused()
    {
        var (exitCode, output) = await SuiteAsync("chekout");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("chekout", output, StringComparison.Ordinal);
    }

    // What a program that reads the file relies on; and whoever was measured has done something that stood up to the check.
    private static void AssertWhole(string row, JsonObject figure)
    {
        var says = $"{row}: {figure.ToJsonString()}";
        Assert.All(["name", "unit", "rate", "limit", "ratioToLimit", "rivals", "p50", "p99", "cpuMicrosecondsPerOperation"], field => Assert.True(figure.ContainsKey(field), says));
        Assert.True(figure["rate"]!.GetValue<double>() > 0, says);
        Assert.All(figure["rivals"]!.AsObject(), rival => Assert.True(rival.Value?.GetValue<double>() > 0, says));
        Assert.True(figure["limitName"] is null || figure["ratioToLimit"]!.GetValue<double>() > 0, says);
        Assert.Empty(figure["violations"]!.AsArray());
    }

    private static Task<(int ExitCode, string Output)> SuiteAsync(params string[] arguments) =>
        CommandLine.TryAsync([new Binaries().Dotnet, SourceTree.Find().Assembly("Shop.Benchmarks"), .. arguments], null, null, CancellationToken.None);
}
