namespace Shop.ServiceDefaults;

/// <summary>Sends each request to the next replica of the service, and to the one after that where no connection can be made.</summary>
/// <remarks>
/// A request that was sent is not sent again: whether it had an effect is unknown, and only the caller knows if it may be repeated.
/// </remarks>
internal sealed class ReplicaHandler(IReadOnlyList<Uri> replicas) : DelegatingHandler
{
    private uint _next = uint.MaxValue;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.PathAndQuery;
        for (var attempt = 1; ; attempt++)
        {
            var replica = replicas[(int)(Interlocked.Increment(ref _next) % (uint)replicas.Count)];
            request.RequestUri = new Uri(replica, path);
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException exception) when (exception.HttpRequestError is HttpRequestError.ConnectionError && attempt < replicas.Count)
            {
            }
        }
    }
}
