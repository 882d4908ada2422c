using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Discovery;
using Shop.BuildingBlocks.Sessions;
using Shop.Contracts;
using Shop.ServiceDefaults;

namespace Shop.Gateway.Sessions.Peers;

/// <summary>The other gateways, with which this one shares its sessions: each change is told at once, and what was missed is asked for.</summary>
/// <remarks>They are who discovery says they are, and whoever has asked this one lately: of two gateways, one may be known to the other before the registry
/// says so to both. Gateways of which neither knows the other share nothing.</remarks>
internal sealed partial class SessionPeers : BackgroundService
{
    public const string Path = "/internal/sessions";

    private const int PageSize = 500;

    // A gateway asks once in an interval; after so many without a word it is gone, or discovery knows it.
    private const int MissedIntervals = 3;

    private readonly ServiceInstances _instances;
    private readonly ServiceInfo _self;
    private readonly ShopSessionOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<SessionPeers> _logger;
    private readonly HttpClient _http;
    private readonly string _address; // as the others know it; with fixed addresses they need not be told
    private readonly ConcurrentDictionary<string, Peer> _peers = new();
    private readonly CancellationTokenSource _stopping = new();
    private long _sent;
    private long _received;

    public SessionPeers(
        ServiceInstances instances, ServiceInfo self, IOptions<ConsulDiscoveryOptions> registered, IOptions<ShopSessionOptions> options,
        IOptions<SecurityOptions> security, TimeProvider time, ILogger<SessionPeers> logger)
    {
        _address = registered.Value is { HostName: { Length: > 0 } host, Port: > 0 and var port } ? $"http://{host}:{port}/" : "";
        (_instances, _self, _options, _time, _logger) = (instances, self, options.Value, time, logger);
        Node = $"{self.Instance}:{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}"; // of this start: its counters begin anew
        Store = new ReplicatedSessionStore(options, time, Node, TellAsync);
        var handler = new SocketsHttpHandler { ConnectTimeout = _options.PeerTimeout, UseProxy = false, UseCookies = false, AllowAutoRedirect = false };
        _http = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(5) };
        _http.DefaultRequestHeaders.Add(ShopHeaders.ServiceKey, security.Value.ServiceKey);
    }

    public string Node { get; }

    public ReplicatedSessionStore Store { get; }

    /// <summary>Bytes of news sent to other gateways, and of pages got from them.</summary>
    public (long Sent, long Received) Bytes => (Interlocked.Read(ref _sent), Interlocked.Read(ref _received));

    /// <summary>Somebody who has the key of the services asks, and says where it is.</summary>
    public void Meet(string? address)
    {
        if (Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttp)
        {
            PeerAt(uri).MetUntil = _time.GetUtcNow() + (_options.PeerInterval * MissedIntervals);
        }
    }

    /// <summary>Who joins knows what the others know before it serves, or has waited long enough for them.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_options.JoinTimeout);
        await Task.WhenAll(Known().Select(peer => CatchUpAsync(peer, patience.Token)));
        Log.Joined(_logger, Store.Count);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        foreach (var peer in _peers.Values)
        {
            peer.News.Writer.TryComplete();
        }

        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _http.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_options.PeerInterval, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var known = Known();
            foreach (var (address, peer) in _peers)
            {
                if (!known.Contains(peer) && _peers.TryRemove(address, out _))
                {
                    peer.News.Writer.TryComplete();
                }
            }

            await Task.WhenAll(known.Select(peer => CatchUpAsync(peer, stoppingToken)));
        }
    }

    private async Task<bool> TellAsync(SessionNews news, CancellationToken cancellationToken)
    {
        var confirmed = Task.WhenAll(Known().Select(peer => peer.Tell(news)));
        try
        {
            return (await confirmed.WaitAsync(_options.PeerTimeout, _time, cancellationToken)).All(isConfirmed => isConfirmed);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    // Fixed addresses do not say which of them is this process; it recognises itself by its answer.
    private List<Peer> Known()
    {
        var now = _time.GetUtcNow();
        var discovered = _instances.Of(ServiceNames.Gateway).Instances
            .Where(instance => instance.InstanceId != _self.Instance)
            .Select(instance => PeerAt(instance.Uri));
        return [.. discovered.Union(_peers.Values.Where(peer => peer.MetUntil > now)).Where(peer => !peer.IsSelf)];
    }

    private Peer PeerAt(Uri address)
    {
        if (_peers.TryGetValue(address.AbsoluteUri, out var known))
        {
            return known;
        }

        var peer = new Peer(address);
        if (!_peers.TryAdd(address.AbsoluteUri, peer))
        {
            return PeerAt(address); // somebody else has just met it
        }

        _ = Task.Run(() => SendAsync(peer));
        return peer;
    }

    // What comes while a request is under way goes together in the next one.
    private async Task SendAsync(Peer peer)
    {
        const int maxTogether = 10; // far below the size of a request that a gateway takes
        var together = new List<(SessionNews News, TaskCompletionSource<bool> Confirmed)>();
        await foreach (var first in peer.News.Reader.ReadAllAsync())
        {
            together.Clear();
            together.Add(first);
            while (together.Count < maxTogether && peer.News.Reader.TryRead(out var next))
            {
                together.Add(next);
            }

            var news = new SessionNews(Node, [.. together.SelectMany(t => t.News.Sessions)], [.. together.SelectMany(t => t.News.Logouts)]);
            var isConfirmed = await PostAsync(peer, news);
            together.ForEach(t => t.Confirmed.TrySetResult(isConfirmed));
        }
    }

    private async Task<bool> PostAsync(Peer peer, SessionNews news)
    {
        try
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(news, JsonSerializerOptions.Web);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            patience.CancelAfter(_options.PeerTimeout);
            using var content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
            using var response = await _http.PostAsync(new Uri(peer.Address, Path), content, patience.Token);
            Interlocked.Add(ref _sent, body.Length);
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or ObjectDisposedException)
        {
            return false;
        }
    }

    private async Task CatchUpAsync(Peer peer, CancellationToken cancellationToken)
    {
        try
        {
            for (var isAll = false; !isAll;)
            {
                var address = new Uri(peer.Address, $"{Path}?run={peer.Run}&after={peer.Position}&most={PageSize}&from={Uri.EscapeDataString(_address)}");
                var body = await _http.GetByteArrayAsync(address, cancellationToken);
                Interlocked.Add(ref _received, body.Length);
                var page = JsonSerializer.Deserialize<SessionPage>(body, JsonSerializerOptions.Web)!;
                if (page.News.Node == Node)
                {
                    peer.IsSelf = true;
                    return;
                }

                Store.Merge(page.News);
                (peer.Run, peer.Position, isAll) = (page.Run, page.Position, page.IsAll);
                if (!peer.IsKnown)
                {
                    Log.CaughtUp(_logger, peer.Address, page.News.Sessions.Count);
                    peer.IsKnown = true;
                }
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or JsonException or ObjectDisposedException)
        {
            if (peer.IsKnown && !cancellationToken.IsCancellationRequested)
            {
                Log.Away(_logger, peer.Address, exception.Message);
                peer.IsKnown = false;
            }
        }
    }

    private sealed class Peer(Uri address)
    {
        private const int MaxWaiting = 2_000;

        public Uri Address => address;

        public Channel<(SessionNews News, TaskCompletionSource<bool> Confirmed)> News { get; } =
            Channel.CreateBounded<(SessionNews, TaskCompletionSource<bool>)>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });

        public string Run { get; set; } = "";

        public long Position { get; set; }

        public bool IsKnown { get; set; }

        public bool IsSelf { get; set; }

        /// <summary>It has asked, and so is there, until then.</summary>
        public DateTimeOffset MetUntil { get; set; }

        // A full queue loses nothing: the other side asks for what it has not got.
        public Task<bool> Tell(SessionNews news)
        {
            var confirmed = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            return News.Writer.TryWrite((news, confirmed)) ? confirmed.Task : Task.FromResult(false);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Starts with {Count} sessions of the other gateways")]
        public static partial void Joined(ILogger logger, int count);

        [LoggerMessage(LogLevel.Information, "Shares sessions with {Peer}; {Count} came with its first page")]
        public static partial void CaughtUp(ILogger logger, Uri peer, int count);

        [LoggerMessage(LogLevel.Warning, "Does not hear of the sessions of {Peer}: {Reason}")]
        public static partial void Away(ILogger logger, Uri peer, string reason);
    }
}
