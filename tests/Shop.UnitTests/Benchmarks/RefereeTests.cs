using Shop.Benchmarks.Frame;

namespace Shop.UnitTests.Benchmarks;

/// <summary>Contenders run in turn, and a round with a violation has no figure.</summary>
public sealed class RefereeTests
{
    private static readonly BenchOptions Options = new(
        Rounds: 2, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), Port: 1, Replicas: 1, Gateways: 1, Callers: 1, new Dictionary<string, string>(), Only: null, Smoke: false, Directory: "", CommandLine: "test");

    private readonly List<string> _ran = [];

    [Fact]
    public async Task Who_comes_first_in_one_round_comes_last_in_the_next()
    {
        await JudgeAsync(new Contest("race", "laps", [Runner("a", 10)]) { Limit = Runner("b", 20), Rivals = [Runner("c", 5)] });

        Assert.Equal(["a", "b", "c", "c", "b", "a"], _ran.TakeLast(6));
    }

    [Fact]
    public async Task A_rate_is_the_median_and_stands_beside_the_limit_and_the_rivals()
    {
        var figure = Assert.Single(await JudgeAsync(new Contest("race", "laps", [Runner("a", 10)]) { Limit = Runner("b", 20), Rivals = [Runner("c", 5)] }));

        Assert.Equal(new double?[] { 10, 20, 0.5 }, [figure.Rate, figure.Limit, figure.RatioToLimit]);
        Assert.Equal(5, figure.Rivals["c"]);
        Assert.Empty(figure.Violations);
    }

    [Fact]
    public async Task Each_of_several_of_ours_is_a_rival_of_the_others()
    {
        var figures = await JudgeAsync(new Contest("race", "laps", [Runner("a", 10), Runner("b", 5)]));

        Assert.Equal(["race: a", "race: b"], figures.Select(figure => figure.Name));
        Assert.Equal(new double?[] { 5, 10 }, [figures[0].Rivals["b"], figures[1].Rivals["a"]]);
    }

    [Fact]
    public async Task Work_is_laid_out_before_the_start_of_each_turn()
    {
        await JudgeAsync(new Contest("race", "laps", [Runner("a", 10) with { PrepareAsync = (_, _) => Note("shoes") }]));

        Assert.Equal(["shoes", "a", "shoes", "a"], _ran.TakeLast(4));

        Task Note(string what)
        {
            _ran.Add(what);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_smoke_test_warms_nobody_up()
    {
        await using var bench = new Workbench(Options with { Smoke = true, Rounds = 1 }, _ => { });
        await new Referee(bench, TimeProvider.System).RunAsync(new Contest("race", "laps", [Runner("a", 10)]), CancellationToken.None);

        Assert.Equal(["a"], _ran);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Only_a_smoke_test_gives_another_round_to_who_has_done_nothing(bool smoke)
    {
        await using var bench = new Workbench(Options with { Smoke = smoke, Rounds = 1 }, _ => { });
        var slow = new Contender("a", (_, _) =>
        {
            _ran.Add("a");
            return Task.FromResult(new Sample(_ran.Count < 4 ? 0 : 10, TimeSpan.FromSeconds(1)));
        })
        {
            SettlesAfter = 0,
        };

        var figure = Assert.Single(await new Referee(bench, TimeProvider.System).RunAsync(new Contest("race", "laps", [slow]), CancellationToken.None));

        Assert.Equal(smoke ? 10.0 : null, figure.Rate);
    }

    [Fact]
    public async Task A_round_with_a_violation_has_no_figure()
    {
        var looks = 0;
        var cheat = Runner("a", 10) with { VerifyAsync = (_, _) => Task.FromResult(++looks == WarmUps + 1 ? "it was carried" : null) };

        var figure = Assert.Single(await JudgeAsync(new Contest("race", "laps", [cheat])));

        Assert.Equal(new double?[] { null, 10 }, [.. figure.Rounds.Select(round => round.Rate)]);
        Assert.Equal(10, figure.Rate);
        Assert.Equal(["a, round 1: it was carried"], figure.Violations);
    }

    [Fact]
    public async Task Without_a_round_that_counts_there_is_no_rate()
    {
        var cheat = Runner("a", 10) with { VerifyAsync = (_, _) => Task.FromResult<string?>("it was carried") };

        var figure = Assert.Single(await JudgeAsync(new Contest("race", "laps", [cheat]) { Limit = Runner("b", 20) }));

        Assert.Null(figure.Rate);
        Assert.Null(figure.RatioToLimit);
    }

    // A rate that does not grow is settled after two.
    private const int WarmUps = 2;

    private static async Task<IReadOnlyList<Figure>> JudgeAsync(Contest contest)
    {
        await using var bench = new Workbench(Options, _ => { });
        return await new Referee(bench, TimeProvider.System).RunAsync(contest, CancellationToken.None);
    }

    private Contender Runner(string name, long laps) => new(name, (_, _) =>
    {
        _ran.Add(name);
        return Task.FromResult(new Sample(laps, TimeSpan.FromSeconds(1)));
    });
}
