using Shop.IntegrationTests.Support;

namespace Shop.IntegrationTests.Cluster;

/// <summary>Requests whose end two servers may see at two places: refused by nginx, by a gateway and by a service, and what follows them is
/// never answered as a request of its own.</summary>
[Collection(SharedCluster.Name)]
public sealed class FramingTests(ClusterFixture fixture)
{
    private const string Body = """{"name":"nobody","password":"a wrong guess"}""";

    private static readonly string Chunks = $"{Body.Length:x}\r\n{Body}\r\n0\r\n\r\n";

    private static readonly Dictionary<string, (string Framing, string Body)> Requests = new()
    {
        ["a length that ends within the chunks"] = ("Content-Length: 4\r\nTransfer-Encoding: chunked", Chunks),
        ["a length and chunks that end together"] = ($"Content-Length: {Chunks.Length}\r\nTransfer-Encoding: chunked", Chunks),
        ["chunks and a length"] = ("Transfer-Encoding: chunked\r\nContent-Length: 4", Chunks),
        ["two lengths"] = ($"Content-Length: {Body.Length}\r\nContent-Length: {Body.Length + 10}", Body),
        ["the same length twice"] = ($"Content-Length: {Body.Length}\r\nContent-Length: {Body.Length}", Body),
        ["a list of lengths"] = ($"Content-Length: {Body.Length}, {Body.Length}", Body),
        ["a length below zero"] = ("Content-Length: -1", Body),
        ["a coding on a folded line"] = ("Transfer-Encoding:\r\n chunked", Chunks),
        ["a folded header"] = ($"X-Folded: a\r\n b\r\nContent-Length: {Body.Length}", Body),
        ["a space before the colon"] = ("Transfer-Encoding : chunked", Chunks),
        ["a list of codings"] = ("Transfer-Encoding: chunked, identity", Chunks),
        ["two codings"] = ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", Chunks),
        ["a coding that only looks like chunks"] = ($"Transfer-Encoding: xchunked\r\nContent-Length: {Body.Length}", Body),
        ["a size that is no hexadecimal number"] = ("Transfer-Encoding: chunked", $"0x{Body.Length:x}\r\n{Body}\r\n0\r\n\r\n"),
        ["a chunk longer than its size"] = ("Transfer-Encoding: chunked", $"{Body.Length:x}\r\n{Body}XX\r\n0\r\n\r\n"),
        ["a NUL in a header"] = ($"X-Strange: a\0b\r\nContent-Length: {Body.Length}", Body),
    };

    public static TheoryData<string> Names => [.. Requests.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_request_whose_end_is_in_doubt_is_refused_with_all_that_follows(string name)
    {
        var (framing, body) = Requests[name];
        foreach (var port in Ports)
        {
            await AssertRefusedAsync(port, "HTTP/1.1", framing, body);
        }
    }

    [Fact]
    public async Task Chunks_in_HTTP_1_0_are_refused()
    {
        foreach (var port in Ports)
        {
            await AssertRefusedAsync(port, "HTTP/1.0", "Transfer-Encoding: chunked\r\nConnection: keep-alive", Chunks);
        }
    }

    [Fact]
    public async Task What_is_not_in_doubt_is_answered_and_so_is_the_request_behind_it()
    {
        foreach (var port in Ports)
        {
            Assert.Equal(2, (await ExchangeAsync(port, "HTTP/1.1", $"Content-Length: {Body.Length}", Body)).Count);
            Assert.Equal(2, (await ExchangeAsync(port, "HTTP/1.1", "Transfer-Encoding: chunked", Chunks)).Count);
        }
    }

    private int[] Ports
    {
        get
        {
            var ports = fixture.Cluster.Connections.Ports;
            return [ports.Public, ports.Gateway(1), ports.Ordering(2), ports.Payments(1)];
        }
    }

    private static async Task AssertRefusedAsync(int port, string version, string framing, string body)
    {
        var statuses = await ExchangeAsync(port, version, framing, body);

        // 501 is nginx about a coding that it does not know.
        Assert.True(statuses is [] or [400] or [501], $"{port} answers {string.Join(", ", statuses)}");
    }

    // The status of each answer on one connection: to the request, and to another one that is sent right behind it.
    private static async Task<List<int>> ExchangeAsync(int port, string version, string framing, string body)
    {
        using var connection = await RawConnection.OpenAsync(port);
        await connection.SendAsync(
            $"POST /api/v1/session {version}\r\nHost: localhost:{port}\r\nContent-Type: application/json\r\n{framing}\r\n\r\n{body}"
            + $"GET /api/v1/products/umbrella HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
        var statuses = new List<int>();
        while (await connection.ReadAsync() is { } reply)
        {
            statuses.Add(reply.Status);
        }

        return statuses;
    }
}
