using System.Net.Sockets;
using System.Text.Json;
using Shop.Lab.Cluster.Probes;
using Shop.Lab.Faults;

namespace Shop.Lab.Cluster.Links;

/// <summary>Talks to the process that runs the links.</summary>
internal sealed class LinkClient(int port, string key)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The faults of these links, after they were set if any are given.</summary>
    /// <exception cref="ClusterException">The links do not run, or refuse.</exception>
    public async Task<IReadOnlyList<LinkStatus>> AskAsync(IReadOnlyList<LinkSpec> links, LinkFaults? faults, CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(Patience);
        try
        {
            await using var stream = await Loopback.ConnectAsync(port, bounded.Token);
            await using var writer = new StreamWriter(stream) { AutoFlush = true };
            using var reader = new StreamReader(stream);
            var request = JsonSerializer.Serialize(new LinkRequest(key, [.. links.Select(link => link.Port)], faults), LinkRequest.Json);
            await writer.WriteLineAsync(request.AsMemory(), bounded.Token);
            var answer = await reader.ReadLineAsync(bounded.Token) ?? throw new ClusterException("the links did not answer");
            var reply = JsonSerializer.Deserialize<LinkReply>(answer, LinkRequest.Json)!;
            return reply.Refusal is null ? reply.Links : throw new ClusterException($"the links refuse: {reply.Refusal}");
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            throw new ClusterException($"the links do not run: 'cluster start {LinkProcess.Name}'", exception);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ClusterException("the links did not answer in time");
        }
    }
}
