using System.Text.Json.Nodes;
using Shop.Benchmarks.Frame;
using Shop.Benchmarks.Reports;
using Shop.Benchmarks.Rows;
using Shop.UnitTests.Support;

namespace Shop.UnitTests.Benchmarks;

/// <summary>What a row keeps is what programs read, and what comes back is what was kept.</summary>
public sealed class RowReportTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("bench").FullName;

    private BenchOptions Options => new(
        1, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), 1, 1, 1, 1, new Dictionary<string, string>(), Only: null, Smoke: false, _directory, "race --laps");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task The_file_has_the_fields_that_others_rely_on()
    {
        await new RowReport("race", "Who is first?", [Figures.Race]).WriteAsync(Options, CancellationToken.None);

        var figure = JsonNode.Parse(await File.ReadAllTextAsync(Options.Results("race", "json")))!.AsArray()[0]!;
        Assert.Equal(["race", "laps"], Texts("name", "unit"));
        Assert.Equal([1_234.5, 2_469, 0.5, 1.5, 20, 300], Numbers("rate", "limit", "ratioToLimit", "p50", "p99", "cpuMicrosecondsPerOperation"));
        Assert.Equal(123.45, figure["rivals"]!["snail"]!.GetValue<double>());

        string[] Texts(params string[] fields) => [.. fields.Select(field => figure[field]!.GetValue<string>())];

        double[] Numbers(params string[] fields) => [.. fields.Select(field => figure[field]!.GetValue<double>())];
    }

    [Fact]
    public void A_rival_stands_there_with_how_many_times_his_rate_ours_is() =>
        Assert.Contains("snail 123 (10.00 x), nobody no figure", new RowReport("race", "", [Figures.Race]).Cells().Single());

    [Fact]
    public void What_was_refused_stands_there_with_how_soon() =>
        Assert.Contains("7.00/s answered 503, told in 3.25 ms (p99)", new RowReport("race", "", [Figures.Race]).Cells().Single());

    [Fact]
    public async Task Memory_stands_there_process_by_process_as_it_was_kept()
    {
        var memory = new Dictionary<string, MemoryTrend> { ["postgres"] = new(2_048, 30, 20, null, null), ["ordering-1"] = new(1_024, -4, 0, 512, 2.5) };
        var page = new FileInfo(Path.Combine(_directory, "performance.md"));

        await new RowReport("soak", "What grows?", [Figures.Race with { Memory = memory }]).WriteAsync(Options, CancellationToken.None);
        var report = (await RowReport.ReadAsync(Options, new Soak(TimeProvider.System), CancellationToken.None))!;
        await PerformancePage.WriteAsync(page, [report], CancellationToken.None);

        Assert.Equal([["postgres", "2.00", "30.0", "20.0", "", ""], ["ordering-1", "1.00", "-4.00", "0.00", "0.50", "2.50"]], report.MemoryCells());
        Assert.Contains("| ordering-1 | 1.00 | -4.00 | 0.00 | 0.50 | 2.50 |", await File.ReadAllTextAsync(page.FullName), StringComparison.Ordinal);
        Assert.Contains("<td>ordering-1</td>", HtmlPage.Of("soak", [report]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_violation_is_no_success_and_a_figure_without_a_rate_says_so()
    {
        var report = new RowReport("race", "", [Figures.Race with { Rate = null, Min = null, Max = null, Rounds = [Figures.Violated] }]);

        Assert.False(report.Holds);
        Assert.Equal(["race (noisy) (VIOLATED)", "laps", "no figure"], report.Cells().Single().Take(3));
    }

    [Fact]
    public void A_page_holds_its_plots_and_asks_nobody_for_anything()
    {
        var page = HtmlPage.Of("race", [new RowReport("race", "Who is <first>?", [Figures.Race])]);

        Assert.Contains("Who is &lt;first&gt;?", page, StringComparison.Ordinal);
        Assert.Equal(3, page.Split("<svg").Length - 1);
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("href=", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1.0, "reached")]
    [InlineData(0.99, "**not reached**")]
    public async Task What_a_figure_is_to_be_stands_beside_what_it_is(double ratio, string verdict)
    {
        var page = new FileInfo(Path.Combine(_directory, "performance.md"));

        await PerformancePage.WriteAsync(
            page, [new RowReport("checkout", "", [Figures.Race with { Name = "capacity, 1,000 articles", RatioToLimit = ratio }])], CancellationToken.None);

        Assert.Contains(
            FormattableString.Invariant($"| checkout | orders confirmed, of pgbench | at least 1.00 | {ratio:F2} | {verdict} |"), await File.ReadAllTextAsync(page.FullName), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_in_the_docs_names_machine_command_and_date_and_its_pictures_exist()
    {
        var page = new FileInfo(Path.Combine(_directory, "performance.md"));
        await File.WriteAllTextAsync(Path.Combine(_directory, "performance-notes.md"), "By hand.");

        await PerformancePage.WriteAsync(page, [new RowReport("race", "Who is first?", [Figures.Race])], CancellationToken.None);

        var text = await File.ReadAllTextAsync(page.FullName);
        Assert.Contains("`race --laps`, 5 rounds of 3 s, 2 cores, 2026-01-02 03:04 UTC.", text, StringComparison.Ordinal);
        Assert.Contains("[notes](performance-notes.md)", text, StringComparison.Ordinal);
        Assert.Equal("By hand.", await File.ReadAllTextAsync(Path.Combine(_directory, "performance-notes.md")));
        foreach (var picture in text.Split("](").Skip(1).Select(rest => rest.Split(')')[0]).Where(link => link.EndsWith(".svg", StringComparison.Ordinal)))
        {
            Assert.StartsWith("<svg", await File.ReadAllTextAsync(Path.Combine(_directory, picture)), StringComparison.Ordinal);
        }
    }
}
