namespace Shop.ServiceDefaults;

/// <summary>Sends each request to the next replica of the service.</summary>
/// <remarks>It does not know which replica is well: a request to a dead one fails, and the caller's repetition meets the next.</remarks>
internal sealed class ReplicaHandler(IReadOnlyList<Uri> replicas) : DelegatingHandler
{
    private uint _next = uint.MaxValue;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var replica = replicas[(int)(Interlocked.Increment(ref _next) % (uint)replicas.Count)];
        request.RequestUri = new Uri(replica, request.RequestUri!.PathAndQuery);
        return base.SendAsync(request, cancellationToken);
    }
}
