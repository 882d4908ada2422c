using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Shop.BuildingBlocks.Discovery;

/// <summary>This process's entry in Consul: made once the server listens, made again when Consul has forgotten it, taken out before the server
/// stops listening.</summary>
internal sealed partial class ConsulRegistration(
    ConsulClient consul,
    IServer server,
    IHostApplicationLifetime lifetime,
    HealthCheckService health,
    IOptions<ConsulDiscoveryOptions> options,
    TimeProvider clock,
    ILogger<ConsulRegistration> logger) : BackgroundService, IHostedLifecycleService
{
    private const string ReadyTag = "ready";

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    private readonly ConsulDiscoveryOptions _options = options.Value;
    private bool _isDrained;

    /// <summary>Null until the server listens.</summary>
    public ServiceInstance? Self { get; private set; }

    private string CheckId => $"service:{_options.InstanceId}";

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (_options.FailFast)
        {
            // Thrown before anything else has started: who asked for this wants no process at all.
            await consul.GetAsync<string>("status/leader", cancellationToken);
        }
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs before the server stops: what it does not wait for here is refused there.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        lifetime.StopApplication(); // turns readiness off, if nobody has yet
        await StopAsync(cancellationToken); // or else the loop below would register again
        await DrainAsync(cancellationToken);
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Tells Consul to send nobody any more, waits until those who watch have heard of it, and takes the entry out.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        if (Self is not { } self || _isDrained || !_options.Deregister)
        {
            return;
        }

        _isDrained = true;
        try
        {
            // Maintenance makes the entry critical at once; its own check would take up to an interval to notice.
            await consul.PutAsync($"{EntryPath("maintenance")}?enable=true&reason=stopping", cancellationToken);
            await Task.Delay(_options.DrainTime, clock, cancellationToken);
            await consul.PutAsync(EntryPath("deregister"), cancellationToken);
            Log.Deregistered(logger, self.InstanceId);
        }
        catch (Exception exception) when (ConsulClient.IsAway(exception) || exception is OperationCanceledException)
        {
            Log.NotDeregistered(logger, self.InstanceId, exception.Message);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!_options.Register || !await HasStartedAsync(stoppingToken))
        {
            return;
        }

        Self = Describe(server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []);
        var backoff = new Backoff(FirstPause, _options.RegistrationInterval, new Random(Backoff.SeedOf(_options.InstanceId)));
        var (known, failed) = (false, false);
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = _options.Heartbeat.Enabled ? TimeSpan.FromSeconds(_options.Heartbeat.TtlValue) / 3 : _options.RegistrationInterval;
            try
            {
                // The first time always: what stands there under this id may be an earlier life on another port.
                if (!known || !await IsRegisteredAsync(stoppingToken))
                {
                    await RegisterAsync(Self, stoppingToken);
                    Log.Registered(logger, Self.InstanceId, Self.Uri);
                }

                await BeatAsync(stoppingToken);
                (known, failed) = (true, false);
                backoff.Reset();
            }
            catch (Exception exception) when (ConsulClient.IsAway(exception))
            {
                if (!failed)
                {
                    Log.NotRegistered(logger, Self.InstanceId, exception.Message);
                }

                (failed, pause) = (true, backoff.Next());
            }

            await Task.Delay(pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>What others are told to connect to, from what the server listens on and what is configured.</summary>
    internal ServiceInstance Describe(IEnumerable<string> addresses)
    {
        var address = addresses.Select(BindingAddress.Parse).FirstOrDefault(bound => !bound.IsUnixPipe)
            ?? throw new InvalidOperationException("The server listens on nothing that others could connect to.");
        var host = _options.HostName
            ?? (address.Host is "*" or "+" or "0.0.0.0" or "[::]" ? Dns.GetHostName() : address.Host);
        var metadata = _options.Metadata.ToImmutableDictionary(entry => entry.Key, entry => (string?)entry.Value);
        if (_options.InstanceZone is { } zone)
        {
            metadata = metadata.SetItem(ServiceInstance.ZoneKey, zone);
        }

        if (address.Scheme == Uri.UriSchemeHttps)
        {
            metadata = metadata.SetItem("secure", "true");
        }

        var port = _options.Port == 0 ? address.Port : _options.Port;
        return new ServiceInstance(_options.ServiceName, _options.InstanceId, new UriBuilder(address.Scheme, host, port).Uri, metadata);
    }

    private async Task<bool> HasStartedAsync(CancellationToken stoppingToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStarted, stoppingToken);
        await Task.Delay(Timeout.InfiniteTimeSpan, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !stoppingToken.IsCancellationRequested;
    }

    private async Task<bool> IsRegisteredAsync(CancellationToken cancellationToken) =>
        (await consul.GetAsync<ConsulService>(EntryPath(null), cancellationToken)).Value is not null;

    private async Task RegisterAsync(ServiceInstance self, CancellationToken cancellationToken)
    {
        var check = _options.RegisterHealthCheck ? await CheckAsync(self, cancellationToken) : null;
        var registration = new ConsulServiceRegistration(
            self.InstanceId, self.ServiceId, self.Host, self.Port, _options.Tags, self.Metadata.ToDictionary(entry => entry.Key, entry => entry.Value ?? ""), check);

        // A process that was killed while it drained has left its entry in maintenance, which is a check like others. Consul keeps old checks
        // across registrations unless it is told not to, and the replica would stay out of service for ever.
        await consul.PutAsync("agent/service/register?replace-existing-checks=true", registration, cancellationToken);
    }

    // It starts as what it is: "critical until the first check" would keep a ready replica out for an interval after each restart of Consul.
    private async Task<ConsulCheck> CheckAsync(ServiceInstance self, CancellationToken cancellationToken)
    {
        var check = new ConsulCheck(
            CheckId, "readiness", await IsReadyAsync(cancellationToken) ? "passing" : "critical", _options.HealthCheckCriticalTimeout);
        return _options.Heartbeat.Enabled
            ? check with { Ttl = string.Create(CultureInfo.InvariantCulture, $"{_options.Heartbeat.TtlValue}s") }
            : check with
            {
                Http = new Uri(self.Uri, _options.HealthCheckPath).AbsoluteUri,
                Interval = _options.HealthCheckInterval,
                Timeout = _options.HealthCheckTimeout,
            };
    }

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        if (_options is { RegisterHealthCheck: true, Heartbeat.Enabled: true })
        {
            var state = await IsReadyAsync(cancellationToken) ? "pass" : "fail";
            await consul.PutAsync($"agent/check/{state}/{Uri.EscapeDataString(CheckId)}", cancellationToken);
        }
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken) =>
        (await health.CheckHealthAsync(check => check.Tags.Contains(ReadyTag), cancellationToken)).Status is not HealthStatus.Unhealthy;

    private string EntryPath(string? action) => $"agent/service/{(action is null ? "" : action + "/")}{Uri.EscapeDataString(_options.InstanceId)}";

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Registered as {Instance} at {Address}")]
        public static partial void Registered(ILogger logger, string instance, Uri address);

        [LoggerMessage(2, LogLevel.Warning, "{Instance} is not registered, and serves who knows it: {Reason}")]
        public static partial void NotRegistered(ILogger logger, string instance, string reason);

        [LoggerMessage(3, LogLevel.Information, "{Instance} is not registered any more")]
        public static partial void Deregistered(ILogger logger, string instance);

        [LoggerMessage(4, LogLevel.Warning, "{Instance} may still be registered: {Reason}")]
        public static partial void NotDeregistered(ILogger logger, string instance, string reason);
    }
}
