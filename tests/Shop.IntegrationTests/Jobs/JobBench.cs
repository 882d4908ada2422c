using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shop.BuildingBlocks.Alarms;
using Shop.BuildingBlocks.Jobs;
using Shop.BuildingBlocks.Messaging;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts.Messages;
using Shop.IntegrationTests.Storage;

namespace Shop.IntegrationTests.Jobs;

/// <summary>One node of a service that has nothing but jobs. Set up and not started, it moves only when the test says so; started, by itself.</summary>
internal sealed class JobBench : IAsyncDisposable
{
    private readonly IHost _host;

    private JobBench(IHost host, JobScript script)
    {
        _host = host;
        Script = script;
    }

    public JobScript Script { get; }

    public JobDefinition Job => Get<JobCatalogue<PlainDbContext>>().Find(JobScript.Job)!;

    public JobStore<PlainDbContext> Store => Get<JobStore<PlainDbContext>>();

    public Database<PlainDbContext> Database => Get<Database<PlainDbContext>>();

    /// <summary>With its schema and its jobs in the database, and nothing running.</summary>
    public static async Task<JobBench> SetUpAsync(Dictionary<string, string?> database, JobScript script, TimeProvider clock, int node = 1)
    {
        var bench = Create(database, script, clock, node, []);
        await bench.Get<SchemaMigrator<PlainDbContext>>().StartAsync(default);
        foreach (var job in bench.Get<JobCatalogue<PlainDbContext>>().Definitions)
        {
            await bench.Store.RegisterAsync(job, default);
        }

        return bench;
    }

    /// <summary>As a service starts.</summary>
    public static async Task<JobBench> StartAsync(Dictionary<string, string?> database, JobScript script, int node, params (string Key, string Value)[] settings)
    {
        var bench = Create(database, script, TimeProvider.System, node, settings);
        await bench._host.StartAsync();
        return bench;
    }

    public static Dictionary<string, string?> File(string path) => new() { ["Database:Path"] = path };

    public static Dictionary<string, string?> Postgres(string connection) => new()
    {
        ["Database:Provider"] = nameof(DatabaseProvider.Postgres),
        ["Database:ConnectionString"] = connection,
    };

    public T Get<T>() where T : notnull => _host.Services.GetRequiredService<T>();

    /// <summary>Claims one unit and works on it to its end.</summary>
    /// <returns>False when none was free.</returns>
    public async Task<bool> WorkAsync()
    {
        if (await Store.ClaimAsync(default) is not var (run, unit))
        {
            return false;
        }

        await Get<JobWorker<PlainDbContext>>().RunAsync(run, unit, default);
        return true;
    }

    public Task<List<JobRun>> RunsAsync() => Database.ReadAsync(
        db => db.JobRuns.Where(r => r.Job == JobScript.Job).OrderBy(r => r.Id).ToListAsync(), default);

    public Task<List<JobUnit>> UnitsAsync() => Database.ReadAsync(db => db.JobUnits.Where(u => u.Job == JobScript.Job).ToListAsync(), default);

    public Task<List<Alarm>> AlarmsAsync() => Database.ReadAsync(db => db.Alarms.OrderBy(a => a.Id).ToListAsync(), default);

    /// <summary>What was done, by whom: fire, unit and step.</summary>
    public Task<List<(string Node, string What)>> EffectsAsync() => Database.ReadAsync(
        async db => (await db.Audit.Where(a => a.Action == ScriptedJob.Effect).OrderBy(a => a.Id).ToListAsync()).Select(a => (a.Who, a.Subject)).ToList(), default);

    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private static JobBench Create(Dictionary<string, string?> database, JobScript script, TimeProvider clock, int node, (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(database);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Shop:Instance"] = $"node-{node}",
            ["Snowflake:WorkerId"] = $"{node}",
            ["Jobs:PollInterval"] = "00:00:00.050",
            ["Jobs:Lease"] = "00:00:02",
            ["Jobs:CheckinInterval"] = "00:00:01",
            ["Jobs:WatchInterval"] = "00:00:00.200",
            ["Alarms:PollInterval"] = "00:00:00.050",
        });
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => (string?)s.Value));
        builder.Services.AddSingleton(clock);
        builder.Services.AddSingleton(script);
        builder.Services.AddSingleton<ITransport>(new LoopbackTransport());
        builder.AddDatabase<PlainDbContext>();
        builder.AddMessaging<PlainDbContext, Deaf>("plain");
        builder.AddJobs<PlainDbContext>("plain");
        builder.Services.AddJob<PlainDbContext, ScriptedJob>();
        return new JobBench(builder.Build(), script);
    }

    private sealed class Deaf : IEnvelopeHandler<PlainDbContext>
    {
        public Task HandleAsync(PlainDbContext db, IReadOnlyList<Message> messages, CancellationToken cancellationToken) =>
            throw new NotSupportedException("Nobody writes to it.");
    }
}
