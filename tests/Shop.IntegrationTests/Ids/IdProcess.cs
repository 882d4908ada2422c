using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Shop.BuildingBlocks.Ids;
using Shop.IntegrationTests.Discovery;
using Shop.IntegrationTests.Support;

namespace Shop.IntegrationTests.Ids;

/// <summary>A process that does nothing but make ids, with a worker id from Consul and a link of its own to it.</summary>
internal sealed class IdProcess : IAsyncDisposable
{
    /// <summary>Longer than a busy machine pauses.</summary>
    public static readonly TimeSpan LongLease = TimeSpan.FromSeconds(60);

    /// <summary>As short as Consul allows.</summary>
    public static readonly TimeSpan ShortLease = TimeSpan.FromSeconds(10);

    private readonly AppHost _app;
    private readonly ConsulLink _link;

    private IdProcess(AppHost app, ConsulLink link, SkewedClock clock)
    {
        (_app, _link, Clock) = (app, link, clock);
    }

    public SkewedClock Clock { get; }

    public SnowflakeIdGenerator Ids => _app.Get<SnowflakeIdGenerator>();

    public string? Obstacle => _app.Get<WorkerIdLease>().Obstacle;

    /// <summary>Started, and with a worker id: a start alone waits for one, but not for ever.</summary>
    /// <inheritdoc cref="StartAsync"/>
    public static async Task<IdProcess> StartWithIdAsync(
        ConsulProcess consul, string name, int workers = 100, TimeSpan offset = default, TimeSpan? timeToLive = null)
    {
        var process = await StartAsync(consul, name, workers, offset, timeToLive);
        await Eventually.TrueAsync(() => process.Obstacle is null);
        return process;
    }

    /// <param name="consul">Where the worker ids are.</param>
    /// <param name="name">The stable name of the process.</param>
    /// <param name="workers">How many worker ids there are, from 500 on.</param>
    /// <param name="offset">How wrong its clock on the wall is.</param>
    /// <param name="timeToLive">Of its lease; <see cref="LongLease"/>, if nothing is said.</param>
    public static async Task<IdProcess> StartAsync(
        ConsulProcess consul, string name, int workers = 100, TimeSpan offset = default, TimeSpan? timeToLive = null)
    {
        var link = await ConsulLink.OpenAsync(consul.Port);
        var clock = new SkewedClock { Offset = offset };
        var settings = consul.Settings(
            name,
            ("Consul:Port", link.Port),
            ("Consul:Discovery:Register", "false"),
            ("Consul:Config:StartWait", "00:00:00.100"),
            ("Snowflake:Lease:TimeToLive", $"{timeToLive ?? LongLease}"),
            ("Snowflake:Lease:RenewEvery", "00:00:00.500"),
            ("Snowflake:Lease:SafetyMargin", "00:00:02"),
            ("Snowflake:Lease:FirstWorker", "500"),
            ("Snowflake:Lease:LastWorker", $"{499 + workers}"));
        var app = await AppHost.StartAsync(
            "maker",
            settings,
            builder =>
            {
                builder.Services.AddSingleton<TimeProvider>(clock);
                builder.Services.AddSnowflakeIds(builder.Configuration);
            },
            _ => { });
        return new IdProcess(app, link, clock);
    }

    public async Task<bool> IsReadyAsync() => (await _app.Client.GetAsync("/health/ready")).StatusCode is HttpStatusCode.OK;

    public long[] Take(int count)
    {
        var made = new long[count];
        for (var i = 0; i < count; i++)
        {
            made[i] = Ids.Next();
        }

        return made;
    }

    /// <summary>Makes ids for as long as it may, a few hundred a second.</summary>
    public Task<List<long>> MakeAsync(CancellationToken stop) => Task.Run(async () =>
    {
        var made = new List<long>();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                made.Add(Ids.Next());
            }
            catch (Exception exception) when (exception is IdsUnavailableException or ClockMovedBackwardsException)
            {
                // Not now.
            }

            await Task.Delay(1, CancellationToken.None);
        }

        return made;
    });

    public void CutFromConsul() => _link.Cut();

    /// <summary>Its link sees whether Consul has come up.</summary>
    public Task LookForConsulAsync() => _link.LookAsync();

    public void Reconnect() => _link.Heal();

    /// <summary>In good order: the worker id is given back.</summary>
    public Task StopAsync() => _app.StopAsync();

    /// <summary>To Consul it is as a SIGKILL: it hears nothing any more.</summary>
    public async Task DieAsync()
    {
        CutFromConsul();
        await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _link.DisposeAsync();
    }
}
