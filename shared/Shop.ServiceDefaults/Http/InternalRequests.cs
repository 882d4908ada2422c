namespace Shop.ServiceDefaults;

/// <summary>What a caller can say about a request to another service.</summary>
/// <remarks>Nobody verifies it: a request that is wrongly called idempotent may have its effect twice.</remarks>
public static class InternalRequests
{
    internal const string Unlimited = "unlimited";

    private static readonly HttpRequestOptionsKey<bool> Idempotent = new("shop.idempotent");

    /// <summary>Sent twice, it has one effect: it may be repeated.</summary>
    public static HttpRequestMessage MarkIdempotent(this HttpRequestMessage request)
    {
        request.Options.Set(Idempotent, true);
        return request;
    }

    /// <summary>For a stream, which takes as long as its data: neither a timeout nor a deadline.</summary>
    public static HttpClient WithoutTimeout(this HttpClient client)
    {
        client.Timeout = Timeout.InfiniteTimeSpan;
        client.DefaultRequestHeaders.Add(ShopHeaders.Deadline, Unlimited); // a word from the client to its handler, which takes it off
        return client;
    }

    internal static bool IsIdempotent(this HttpRequestMessage request) =>
        request.Method == HttpMethod.Get
        || request.Method == HttpMethod.Head
        || request.Headers.Contains(ShopHeaders.IdempotencyKey)
        || (request.Options.TryGetValue(Idempotent, out var marked) && marked);
}
