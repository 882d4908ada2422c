using Shop.Lab.Cluster.Apps;
using Shop.Lab.Cluster.Links;
using Shop.Lab.Cluster.Model;
using Shop.Lab.Cluster.Processes;
using Shop.Lab.Measuring;

namespace Shop.Lab.Cluster;

/// <summary>The shop as processes of their own on real servers, on this machine. Commands, tests and benchmarks go through this.</summary>
/// <remarks>The processes live on when this object and its program are gone; <see cref="Open"/> finds them again.</remarks>
internal sealed class ShopCluster
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(60);
    private static readonly Dictionary<string, string> Nothing = [];

    private readonly TimeProvider _clock;
    private readonly Supervisor _supervisor;

    private ShopCluster(ClusterDirectory directory, ClusterOptions options, TimeProvider clock)
    {
        Directory = directory;
        Options = options;
        _clock = clock;
        _supervisor = new Supervisor(directory, clock);
        Secrets = ClusterSecrets.Of(directory);
        Model = ClusterModel.Create(options, directory, Secrets, SourceTree.Find());
    }

    public ClusterDirectory Directory { get; }

    public ClusterOptions Options { get; }

    public ClusterSecrets Secrets { get; }

    public ClusterModel Model { get; }

    public Connections Connections => Model.Connections;

    /// <summary>Starts what does not run yet and returns when everything is healthy. When it cannot, what it started is gone again.</summary>
    /// <exception cref="ClusterException">Something is missing, taken, or does not become healthy.</exception>
    public static async Task<ShopCluster> UpAsync(ClusterOptions options, UpRequest request, CancellationToken cancellationToken = default)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new ClusterException("the cluster runs on Linux only");
        }

        options.Validate();
        var clock = TimeProvider.System;
        var source = SourceTree.Find();
        var directory = ClusterDirectory.Create(request.Directory ?? source.DefaultDirectory);
        using var only = await ClusterLock.AcquireAsync(directory, TimeSpan.Zero, clock, cancellationToken);
        if (directory.Read<ClusterOptions>(directory.OptionsFile) is { } earlier && (request.Reset || !earlier.Matches(options)))
        {
            var previous = new ShopCluster(directory, earlier, clock);
            previous.CheckNothingRuns();
            if (request.Reset)
            {
                directory.Clear(previous.Model.Processes.Select(process => process.Name));
            }
        }

        var cluster = new ShopCluster(directory, options, clock);
        var start = new ClusterStart(cluster.Model, cluster._supervisor, clock, request.Progress);
        start.CheckWhatIsNeeded(expectAssemblies: !request.Build);
        directory.Write(directory.OptionsFile, options);
        await start.RunAsync(request.Build ? token => AppBuild.RunAsync(source, new(), directory.BuildLog, token) : null, cancellationToken);
        return cluster;
    }

    /// <summary>The cluster that was started in this directory, whatever of it runs now.</summary>
    /// <exception cref="ClusterException">There is none.</exception>
    public static ShopCluster Open(string? path = null)
    {
        var directory = ClusterDirectory.Open(path ?? SourceTree.Find().DefaultDirectory);
        return new ShopCluster(directory, directory.Read<ClusterOptions>(directory.OptionsFile)!, TimeProvider.System);
    }

    /// <summary>Sends a signal. SIGKILL, SIGSTOP and SIGCONT go to all processes of a server, the others to the one that leads them.</summary>
    public async Task KillAsync(string name, Signal? signal = null, CancellationToken cancellationToken = default)
    {
        var process = Model[name];
        using var only = await LockAsync(cancellationToken);
        if (_supervisor.Members(process).Count == 0)
        {
            throw new ClusterException($"{name} does not run");
        }

        await _supervisor.SignalAsync(process, signal ?? Signal.Kill);
    }

    /// <summary>Freezes a process: to all others it is as if it were slow without bound.</summary>
    public Task PauseAsync(string name, CancellationToken cancellationToken = default) => KillAsync(name, Signal.Stop, cancellationToken);

    public Task ResumeAsync(string name, CancellationToken cancellationToken = default) => KillAsync(name, Signal.Continue, cancellationToken);

    /// <summary>Ends a process in good order.</summary>
    public async Task StopAsync(string name, CancellationToken cancellationToken = default)
    {
        var process = Model[name];
        using var only = await LockAsync(cancellationToken);
        await _supervisor.StopAsync(process);
    }

    /// <summary>Starts a process that does not run, and waits until it is healthy.</summary>
    /// <param name="settings">Configuration for this start alone, in the form of environment variables.</param>
    /// <param name="wait">False returns as soon as the process exists.</param>
    public async Task StartAsync(
        string name, IReadOnlyDictionary<string, string>? settings = null, bool wait = true, CancellationToken cancellationToken = default)
    {
        var process = Model[name];

        // Of its own kind only: an application must be able to start while a server is away. Without epmd RabbitMQ would start one of its own.
        foreach (var companion in process.DependsOn.Select(other => Model[other]).Where(other => other.Part == process.Part && _supervisor.Find(other) is null))
        {
            await StartAsync(companion.Name, null, wait: true, cancellationToken);
        }

        using (await LockAsync(cancellationToken))
        {
            if (_supervisor.Find(process) is not null)
            {
                throw new ClusterException($"{name} runs already");
            }

            await _supervisor.LaunchAsync(process, settings ?? Nothing, cancellationToken);
        }

        if (wait)
        {
            await _supervisor.WaitUntilReadyAsync(process, cancellationToken);
            await (process.Provision?.Invoke(cancellationToken) ?? Task.CompletedTask);
        }
    }

    /// <summary>Ends a process in good order and starts it again. Of one replica at a time, this is how a new version is rolled out.</summary>
    /// <remarks>It returns when requests go to the process again, so that the next one may end.</remarks>
    /// <param name="settings">As for <see cref="StartAsync"/>.</param>
    public async Task RestartAsync(string name, IReadOnlyDictionary<string, string>? settings = null, CancellationToken cancellationToken = default)
    {
        var process = Model[name];
        await StopAsync(name, cancellationToken);
        await StartAsync(name, settings, wait: true, cancellationToken);
        if (process.Registered is { } registered)
        {
            await _supervisor.WaitUntilReadyAsync(process with { Readiness = registered }, cancellationToken);
        }
    }

    /// <summary>The way from one process to another. A service stands for all of its replicas, and <c>all</c> for everybody.</summary>
    /// <exception cref="ClusterException">Nobody of that name connects to anybody of the other, or the cluster has no links.</exception>
    public Link Link(string from, string to) =>
        new(new LinkClient(Connections.Ports.LinkControl, Secrets.OperatorKey), LinkPlan.Match(Connections.Links, from, to));

    /// <summary>How each process is doing now, in the order of the model.</summary>
    public async Task<IReadOnlyList<ProcessStatus>> StatusAsync(CancellationToken cancellationToken = default) =>
        await Task.WhenAll(Model.Processes.Select(process => StatusOfAsync(process, cancellationToken)));

    /// <summary>The processor time of each process so far, with all that belongs to it.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Cpu() => OfEach(ProcessUsage.Cpu);

    /// <summary>What each process has in memory, with all that belongs to it.</summary>
    public IReadOnlyDictionary<string, MemoryUse> Memory() => OfEach(ProcessUsage.Memory);

    /// <summary>The applications that run, each with its process id.</summary>
    public IEnumerable<(string Name, int Id)> Applications() =>
        from process in Model.Processes
        where ClusterParts.Apps.HasFlag(process.Part)
        let row = _supervisor.Find(process)
        where row is not null
        select (process.Name, row.Value.Id);

    /// <summary>Ends everything, those first that others do not need. Data and secrets stay.</summary>
    public async Task DownAsync(Action<ClusterEvent>? progress = null, CancellationToken cancellationToken = default)
    {
        using var only = await LockAsync(cancellationToken);
        await new ClusterStop(Model, _supervisor, _clock, progress).RunAsync([.. Model.Processes]);
    }

    private Dictionary<string, T> OfEach<T>(Func<IEnumerable<int>, T> used)
    {
        var table = ProcessTable.Now();
        return Model.Processes.ToDictionary(process => process.Name, process => used(_supervisor.Members(process, table).Select(row => row.Id)));
    }

    private async Task<ProcessStatus> StatusOfAsync(ProcessSpec process, CancellationToken cancellationToken)
    {
        if (_supervisor.Find(process) is not { } row)
        {
            return new ProcessStatus(process, ProcessHealth.Down);
        }

        if (row.IsStopped)
        {
            return new ProcessStatus(process, ProcessHealth.Paused, row.Id);
        }

        var answer = await process.Readiness.CheckAsync(cancellationToken);
        return new ProcessStatus(process, answer.IsReady ? ProcessHealth.Healthy : ProcessHealth.Unhealthy, row.Id, answer.Role, answer.Reason);
    }

    private void CheckNothingRuns()
    {
        if (Model.Processes.FirstOrDefault(process => _supervisor.Members(process).Count > 0) is { } process)
        {
            throw new ClusterException($"a cluster with other options, or with data to delete, runs in '{Directory.Path}' ({process.Name}): end it with 'cluster down' first");
        }
    }

    private Task<ClusterLock> LockAsync(CancellationToken cancellationToken) => ClusterLock.AcquireAsync(Directory, LockPatience, _clock, cancellationToken);
}
