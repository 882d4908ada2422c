using Shop.Lab.Cluster;
using Shop.Lab.Cluster.Processes;
using Shop.Lab.Measuring;

namespace Shop.Benchmarks.Frame;

/// <summary>What the rows work with: the cluster, the rivals' processes, and what all of them use of the machine. All of it ends with the suite.</summary>
internal sealed class Workbench(BenchOptions options, Action<string> progress) : IAsyncDisposable
{
    /// <summary>Whoever makes the load: this process and what it starts and waits for, such as pgbench.</summary>
    public const string Driver = "driver";

    private const int PortsOfOne = 100;

    private readonly List<Companion> _companions = [];
    private readonly Dictionary<string, object> _made = [];
    private ShopCluster? _cluster;
    private Workbench? _beside;

    public BenchOptions Options => options;

    /// <summary>How long each contender runs in each round of this row.</summary>
    public TimeSpan Round { get; private set; } = options.Round ?? default;

    public void Tell(string text) => progress(text);

    public Task<IReadOnlyList<Figure>> RunAsync(IBenchmark row, CancellationToken cancellationToken)
    {
        Round = options.Round ?? row.Round;
        return row.RunAsync(this, cancellationToken);
    }

    /// <summary>One size or another: a smoke test has no time for what is measured.</summary>
    public T Sized<T>(T usual, T smoke) => options.Smoke ? smoke : usual;

    /// <summary>A cluster with these options, new and without data; the one that runs where nothing else is asked for.</summary>
    public async Task<ShopCluster> ClusterAsync(Func<ClusterOptions, ClusterOptions> change, CancellationToken cancellationToken)
    {
        var wanted = change(new ClusterOptions
        {
            Port = options.Port,
            Replicas = options.Replicas,
            Gateways = options.Gateways,
            AppSettings = AppSettings(options),
        });
        if (_cluster is not null && _cluster.Options.Matches(wanted))
        {
            return _cluster;
        }

        await EndClusterAsync();
        progress($"a cluster starts on ports {wanted.Port} to {wanted.Port + wanted.PortCount - 1}");
        _cluster = await ShopCluster.UpAsync(wanted, new UpRequest { Directory = ClusterDirectory(options), Build = false, Reset = true }, cancellationToken);
        return _cluster;
    }

    /// <summary>What is made once in each cluster, and found there by the rows that come after.</summary>
    public async Task<T> OnceAsync<T>(string what, Func<Task<T>> makeAsync)
        where T : notnull
    {
        if (!_made.TryGetValue(what, out var made))
        {
            _made[what] = made = await makeAsync();
        }

        return (T)made;
    }

    /// <summary>A program beside the cluster; it ends when it is disposed of, or with the suite.</summary>
    public Companion Start(string name, IReadOnlyList<string> command, IReadOnlyDictionary<string, string>? environment = null)
    {
        var companion = Companion.Start(name, command, environment);
        _companions.Add(companion);
        return companion;
    }

    /// <summary>A second cluster's workbench, so that two of them can be measured in turn; what the other costs meanwhile counts for both. Whoever asks ends it.</summary>
    public Workbench Beside() => _beside = new Workbench(Neighbour(options), progress) { Round = Round };

    /// <summary>Processor time so far, by process.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Cpu()
    {
        var used = _cluster?.Cpu().ToDictionary() ?? [];
        foreach (var (name, time) in _beside?._cluster?.Cpu() ?? new Dictionary<string, TimeSpan>())
        {
            used[name] = used.GetValueOrDefault(name) + time;
        }

        foreach (var companion in _companions)
        {
            used[companion.Name] = companion.Cpu;
        }

        used[Driver] = ProcessUsage.Cpu([Environment.ProcessId]);
        return used;
    }

    /// <summary>Ends what a suite that was killed left behind in this directory.</summary>
    public static async Task EndLeftOversAsync(BenchOptions options)
    {
        foreach (var directory in new[] { ClusterDirectory(options), ClusterDirectory(Neighbour(options)) })
        {
            if (File.Exists(Path.Combine(directory, "cluster.json")))
            {
                await ShopCluster.Open(directory).DownAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var companion in _companions)
        {
            companion.Dispose();
        }

        await EndClusterAsync();
    }

    private static BenchOptions Neighbour(BenchOptions options) =>
        options with { Port = options.Port + PortsOfOne, Directory = Path.Combine(options.Directory, "beside") };

    private static Dictionary<string, string> AppSettings(BenchOptions options)
    {
        var settings = new Dictionary<string, string>(options.Settings)
        {
            // Only registration and login are cheaper by this, and neither is measured.
            ["Passwords:Iterations"] = "1000",
        };
        if (options.Smoke)
        {
            // A machine that stalls for a second makes one answer late: it need not make all of them refusals until Redis was probed.
            settings["Redis:OperationTimeout"] = "00:00:10";

            // An order that was taken in becomes confirmed, however long that takes.
            settings["Checkout:Timeout"] = "00:05:00";
            settings["Checkout:HoldFor"] = "00:06:00";
        }

        return settings;
    }

    private static string ClusterDirectory(BenchOptions options) => Path.Combine(options.Directory, "cluster");

    private async Task EndClusterAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DownAsync();
            _cluster = null;
            _made.Clear();
        }
    }
}
