using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Shop.Lab.Cluster.Probes;
using Shop.Lab.Faults;

namespace Shop.Lab.Cluster.Links;

/// <summary>Runs all links of a cluster and does with them what it is told on its port.</summary>
internal sealed class LinkServer : IAsyncDisposable
{
    // How often it is looked whether somebody listens where nobody did.
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan RequestPatience = TimeSpan.FromSeconds(10);

    private readonly Dictionary<int, (LinkSpec Link, FaultProxy Proxy)> _links;
    private readonly IReadOnlyList<Target> _targets;
    private readonly TcpListener _control;
    private readonly byte[] _key;
    private readonly TimeProvider _clock;
    private readonly Action<string> _log;

    /// <exception cref="ClusterException">One of the ports is taken.</exception>
    public LinkServer(IReadOnlyList<LinkSpec> links, int port, string key, TimeProvider clock, Action<string> log)
    {
        foreach (var link in links)
        {
            CheckIsFree(link);
        }

        (_key, _clock, _log) = (Encoding.UTF8.GetBytes(key), clock, log);
        var targets = links.Select(link => link.TargetPort).Distinct().ToDictionary(target => target, target => new Target(target));
        _targets = [.. targets.Values];
        _links = links.ToDictionary(link => link.Port, link => (link, new FaultProxy(link.Port, targets[link.TargetPort], clock, seed: link.Port)));
        _control = new TcpListener(IPAddress.Loopback, port);
    }

    /// <summary>Ends when it is cancelled, or with the error of whichever part fails: links that half work would be taken for a fault of the shop.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _control.Start();
        await await Task.WhenAny(LookAsync(cancellationToken), ListenAsync(cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        _control.Dispose();
        foreach (var (_, proxy) in _links.Values)
        {
            await proxy.DisposeAsync();
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await Task.WhenAll(_targets.Where(target => !target.IsUp).Select(target => target.LookAsync()));
            }
            catch (SocketException exception)
            {
                _log($"links cannot follow their targets: {exception.Message}; again in {LookInterval.TotalMilliseconds} ms");
            }

            await Task.Delay(LookInterval, _clock, cancellationToken);
        }
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            _ = AnswerAsync(await _control.AcceptTcpClientAsync(cancellationToken), cancellationToken);
        }
    }

    private async Task AnswerAsync(TcpClient client, CancellationToken cancellationToken)
    {
        using var connection = client;
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(RequestPatience);
        try
        {
            using var reader = new StreamReader(client.GetStream());
            await using var writer = new StreamWriter(client.GetStream());
            if (await reader.ReadLineAsync(bounded.Token) is { } line)
            {
                await writer.WriteLineAsync(JsonSerializer.Serialize(Answer(line), LinkRequest.Json).AsMemory(), bounded.Token);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // Whoever asked is gone: a probe, or a command that was interrupted.
        }
    }

    private LinkReply Answer(string line)
    {
        try
        {
            var request = JsonSerializer.Deserialize<LinkRequest>(line, LinkRequest.Json);
            return request is null || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(request.Key), _key)
                ? new LinkReply([], "not the key of this cluster")
                : Answer(request);
        }
        catch (JsonException exception)
        {
            return new LinkReply([], exception.Message);
        }
    }

    private LinkReply Answer(LinkRequest request)
    {
        if (request.Ports.FirstOrDefault(port => !_links.ContainsKey(port)) is var unknown and not 0)
        {
            return new LinkReply([], $"no link listens on {unknown}");
        }

        foreach (var (link, proxy) in request.Faults is null ? [] : request.Ports.Select(port => _links[port]))
        {
            proxy.Set(request.Faults!);
            _log($"{link}: {JsonSerializer.Serialize(request.Faults, LinkRequest.Json)}");
        }

        return new LinkReply([.. request.Ports.Select(port => new LinkStatus(port, _links[port].Proxy.Faults))]);
    }

    private static void CheckIsFree(LinkSpec link)
    {
        try
        {
            Loopback.CheckIsFree(link.Port);
        }
        catch (SocketException exception)
        {
            throw new ClusterException($"port {link.Port} ({link}) is taken by another program: choose other ports with --port", exception);
        }
    }
}
