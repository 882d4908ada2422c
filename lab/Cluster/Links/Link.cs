using Shop.Lab.Faults;

namespace Shop.Lab.Cluster.Links;

/// <summary>One or more links that are disturbed together. Each fault replaces the one before, and lasts until the links are healed.</summary>
internal sealed class Link(LinkClient client, IReadOnlyList<LinkSpec> links)
{
    public IReadOnlyList<LinkSpec> Links => links;

    /// <summary>Connections are reset, new ones are refused.</summary>
    public Task CutAsync(CancellationToken cancellationToken = default) => SetAsync(new LinkFaults { Cut = true }, cancellationToken);

    /// <summary>Nothing arrives, and nobody is told.</summary>
    public Task BlackHoleAsync(Way way = Way.Both, CancellationToken cancellationToken = default) =>
        SetAsync(LinkFaults.Of(new Toxics { Swallow = true }, way), cancellationToken);

    public Task DelayAsync(TimeSpan latency, TimeSpan jitter, Way way = Way.Both, CancellationToken cancellationToken = default) =>
        SetAsync(LinkFaults.Of(new Toxics { Latency = latency, Jitter = jitter }, way), cancellationToken);

    public Task LimitAsync(long bytesPerSecond, Way way = Way.Both, CancellationToken cancellationToken = default) =>
        SetAsync(LinkFaults.Of(new Toxics { BytesPerSecond = bytesPerSecond }, way), cancellationToken);

    /// <summary>Each connection is reset when so many more bytes of answers have passed: what was asked for has happened, and nobody is told.</summary>
    public Task CutAfterAsync(long bytes, Way way = Way.Back, CancellationToken cancellationToken = default) =>
        SetAsync(LinkFaults.Of(new Toxics { CutAfter = bytes }, way), cancellationToken);

    public Task HealAsync(CancellationToken cancellationToken = default) => SetAsync(LinkFaults.None, cancellationToken);

    public Task SetAsync(LinkFaults faults, CancellationToken cancellationToken = default) => client.AskAsync(links, faults, cancellationToken);

    /// <summary>What is wrong with each of them now.</summary>
    public async Task<IReadOnlyList<(LinkSpec Link, LinkFaults Faults)>> StatusAsync(CancellationToken cancellationToken = default)
    {
        var byPort = links.ToDictionary(link => link.Port);
        return [.. (await client.AskAsync(links, null, cancellationToken)).Select(status => (byPort[status.Port], status.Faults))];
    }
}
