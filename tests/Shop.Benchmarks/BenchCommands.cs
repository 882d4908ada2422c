using System.CommandLine;
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Shop.Benchmarks.Frame;
using Shop.Benchmarks.Reports;
using Shop.Benchmarks.Rivals;
using Shop.Benchmarks.Rows;
using Shop.Lab.Cluster;
using Shop.Lab.Cluster.Apps;
using Shop.Lab.Cluster.Commands;
using Shop.Lab.Load;
using Shop.Lab.Seed;
using Spectre.Console;

namespace Shop.Benchmarks;

/// <summary>A command for each row, <c>all</c> for all of them, <c>list</c>, and <c>page</c> for the page in docs/.</summary>
internal static class BenchCommands
{
    private const int Violated = 1;
    private const int Failed = 2;
    private const int Interrupted = 130;
    private const int DefaultPort = 19_000;

    public static RootCommand Create(string[] args)
    {
        var shared = new SharedOptions();
        var root = new RootCommand("Measures the shop beside its physical limits and its rivals, in the same run.") { List(), Page(shared, args), All(shared, args), Serve.Create() };
        foreach (var row in Suite.Rows)
        {
            root.Add(Row(row, shared, args));
        }

        root.Add(Row(Suite.Soak, new SharedOptions(defaultRounds: 1), args));
        return root;
    }

    private static Command Row(IBenchmark row, SharedOptions shared, string[] args)
    {
        var command = new Command(row.Name, row.Question);
        shared.AddTo(command);
        command.SetAction((arguments, cancellationToken) => RunAsync([row], shared.Read(arguments, args), cancellationToken));
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "What can be measured.");
        command.SetAction(_ =>
        {
            foreach (var row in Suite.Rows.Append(Suite.Soak))
            {
                Console.WriteLine($"{row.Name,-14} {row.Question}");
            }
        });
        return command;
    }

    private static Command All(SharedOptions shared, string[] args)
    {
        var names = new Argument<string[]>("rows") { Description = "Only these.", Arity = ArgumentArity.ZeroOrMore };
        names.AcceptOnlyFromAmong([.. Suite.Rows.Append(Suite.Soak).Select(row => row.Name)]);
        var command = new Command("all", "Run every row, or some of them; those that can share a cluster do.") { names };
        shared.AddTo(command);
        command.SetAction((arguments, cancellationToken) =>
        {
            var only = arguments.GetValue(names) ?? [];
            var rows = only.Length == 0 ? Suite.Rows : [.. Suite.Rows.Append(Suite.Soak).Where(row => only.Contains(row.Name))];
            return RunAsync(rows, shared.Read(arguments, args), cancellationToken);
        });
        return command;
    }

    private static Command Page(SharedOptions shared, string[] args)
    {
        var target = new Option<FileInfo?>("--page") { Description = "Where it goes; docs/performance.md of the checkout by default." };
        var command = new Command("page", "Write the page of figures from the last run of each row.") { target };
        shared.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var options = shared.Read(arguments, args);
            var page = arguments.GetValue(target) ?? new FileInfo(Path.Combine(SourceTree.Find().Root, "docs", "performance.md"));
            await PerformancePage.WriteAsync(page, await KeptAsync(options, cancellationToken), cancellationToken);
            return 0;
        });
        return command;
    }

    private static async Task<int> RunAsync(IReadOnlyList<IBenchmark> rows, BenchOptions options, CancellationToken cancellationToken)
    {
#if DEBUG
        await Console.Error.WriteLineAsync("benchmarks: what is built for debugging is not measured: dotnet run -c Release");
        return Failed;
#else
        // Here and not only by System.CommandLine: a closed terminal, to which that does not listen, leaves nothing behind either.
        // Never disposed: a handler may still come when the command is over.
        var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        try
        {
            Directory.CreateDirectory(options.Directory);
            using var only = Lock(options);
            await Workbench.EndLeftOversAsync(options);
            return await MeasureAsync(rows, options, stopping.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException && stopping.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("benchmarks: interrupted");
            return Interrupted;
        }
        catch (Exception exception) when (exception is BenchException or ClusterException or SeedException or LoadException or HttpRequestException or SocketException or IOException)
        {
            await Console.Error.WriteLineAsync($"benchmarks: {exception.Message.ReplaceLineEndings(" ")}");
            return Failed;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stopping.Cancel();
        }
#endif
    }

    private static async Task<int> MeasureAsync(IReadOnlyList<IBenchmark> rows, BenchOptions options, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var holds = true;
        await using var bench = new Workbench(options, text => AnsiConsole.MarkupLineInterpolated($"[grey]{Stopwatch.GetElapsedTime(began):mm\\:ss} {text}[/]"));
        foreach (var row in rows)
        {
            var report = new RowReport(row.Name, row.Question, await bench.RunAsync(row, cancellationToken));
            if (report.Figures.Count == 0)
            {
                throw new BenchException($"nothing of {row.Name} holds '{options.Only}' in its name");
            }

            await report.WriteAsync(options, cancellationToken);
            TablePrinter.Print(report);
            Console.WriteLine($"{options.Results(row.Name, "json")}, {options.Results(row.Name, "html")}");
            holds &= report.Holds;
        }

        if (rows.Count > 1)
        {
            await File.WriteAllTextAsync(options.Results("all", "html"), HtmlPage.Of("all rows", await KeptAsync(options, cancellationToken)), cancellationToken);
        }

        return holds ? 0 : Violated;
    }

    private static async Task<IReadOnlyList<RowReport>> KeptAsync(BenchOptions options, CancellationToken cancellationToken)
    {
        var kept = new List<RowReport>();
        foreach (var row in Suite.Rows.Append(Suite.Soak))
        {
            if (await RowReport.ReadAsync(options, row, cancellationToken) is { Figures.Count: > 0 } report)
            {
                kept.Add(report);
            }
        }

        return kept;
    }

    // Two suites in one directory would end each other's cluster, and two at once on one machine measure each other.
    private static FileStream Lock(BenchOptions options)
    {
        try
        {
            return new FileStream(Path.Combine(options.Directory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new BenchException($"another suite is at work in '{options.Directory}'", exception);
        }
    }

    /// <summary>The options that every row takes.</summary>
    private sealed class SharedOptions(int defaultRounds = BenchOptions.DefaultRounds)
    {
        private static readonly TimeSpan SmokeRound = TimeSpan.FromSeconds(0.5);

        private readonly Option<int?> _seconds = Seconds();
        private readonly Option<int> _rounds = Number("--rounds", "Rounds, in which all contenders run in turn.", defaultRounds, 1_000);
        private readonly Option<int> _warmUp = Number("--warm-up", "Seconds of each turn in which a contender gets warm.", 2, 3_600);
        private readonly Option<int> _port = Number("--port", "The first of the 100 ports that the suite may use, and of the 200 where a row has two of them.", DefaultPort, 65_000);
        private readonly Option<int> _replicas = Number("--replicas", "Processes of each service.", 2, ClusterOptions.MaxReplicas);
        private readonly Option<int> _gateways = Number("--gateways", "Gateways behind nginx.", 2, ClusterOptions.MaxReplicas);
        private readonly Option<int> _callers = Number("--callers", "Concurrent callers where a row asks as fast as it is answered.", 256, 512);
        private readonly Option<string[]> _set = SettingOption.Create();
        private readonly Option<bool> _smoke = new("--smoke") { Description = "One round of half a second, tiny sizes, one process of each kind and no warm-up: shows that a row works, and measures nothing." };
        private readonly Option<string?> _only = new("--only") { Description = "Only what holds this text in its name, such as 'one article'." };
        private readonly Option<string?> _directory = new("--directory") { Description = "Where results and cluster go; .shop/bench of the checkout by default." };

        public void AddTo(Command command)
        {
            foreach (var option in new Option[] { _seconds, _rounds, _warmUp, _port, _replicas, _gateways, _callers, _set, _only, _smoke, _directory })
            {
                command.Add(option);
            }
        }

        public BenchOptions Read(ParseResult arguments, string[] args)
        {
            var options = ReadAll(arguments, args);
            return options.Smoke ? options with { Rounds = 1, Round = SmokeRound, WarmUp = SmokeRound, Replicas = 1, Gateways = 1, Callers = 16 } : options;
        }

        private BenchOptions ReadAll(ParseResult arguments, string[] args) => new(
            arguments.GetRequiredValue(_rounds),
            arguments.GetValue(_seconds) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            TimeSpan.FromSeconds(arguments.GetRequiredValue(_warmUp)),
            arguments.GetRequiredValue(_port),
            arguments.GetRequiredValue(_replicas),
            arguments.GetRequiredValue(_gateways),
            arguments.GetRequiredValue(_callers),
            arguments.Settings(_set),
            arguments.GetValue(_only),
            arguments.GetValue(_smoke),
            Path.GetFullPath(arguments.GetValue(_directory) ?? Path.Combine(SourceTree.Find().Root, ".shop", "bench")),
            $"dotnet run -c Release --project tests/Shop.Benchmarks -- {string.Join(' ', args)}");

        private static Option<int?> Seconds()
        {
            var option = new Option<int?>("--seconds") { Description = "How long each contender runs in each round; each row has a time of its own." };
            option.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<int?>() is < 1 or > 86_400)
                {
                    result.AddError("--seconds must be from 1 to 86400.");
                }
            });
            return option;
        }

        private static Option<int> Number(string name, string description, int defaultValue, int max)
        {
            var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => defaultValue };
            option.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<int>() is var value && (value < 1 || value > max))
                {
                    result.AddError($"{name} must be from 1 to {max}.");
                }
            });
            return option;
        }
    }
}
