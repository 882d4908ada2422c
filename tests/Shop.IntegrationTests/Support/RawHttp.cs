using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Shop.IntegrationTests.Support;

/// <summary>Sends bytes as they are: an HTTP client would tidy up exactly what these tests are about.</summary>
internal static class RawHttp
{
    public static Task<RawReply> GetAsync(int port, string target, params string[] headers) => SendAsync(port, "GET", target, headers);

    public static async Task<RawReply> SendAsync(int port, string method, string target, params string[] headers)
    {
        var lines = new[] { $"{method} {target} HTTP/1.1", $"Host: localhost:{port}", "Connection: close" }.Concat(headers);
        return await ExchangeAsync(port, string.Join("\r\n", lines) + "\r\n\r\n");
    }

    /// <summary>Reads until the server closes the connection.</summary>
    public static async Task<RawReply> ExchangeAsync(int port, string request)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var client = new TcpClient();
        await client.ConnectAsync("localhost", port, patience.Token);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), patience.Token);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return RawReply.Parse(await reader.ReadToEndAsync(patience.Token));
    }
}

internal sealed record RawReply(int Status, string Head, string Body)
{
    public string? Code => Head.Contains("application/problem+json", StringComparison.Ordinal) ? JsonNode.Parse(Body)!["code"]!.GetValue<string>() : null;

    public static RawReply Parse(string text)
    {
        var parts = text.Split("\r\n\r\n", 2);
        var status = parts[0].Split(' ') is [_, var code, ..] ? int.Parse(code, System.Globalization.CultureInfo.InvariantCulture) : 0;
        var body = parts.Length > 1 ? parts[1] : "";

        // A problem is small enough to come as one chunk.
        var isChunked = parts[0].Contains("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase);
        return new RawReply(status, parts[0], isChunked ? string.Concat(body.Split("\r\n").Where((_, index) => index % 2 == 1)) : body);
    }
}
