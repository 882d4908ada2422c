using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Shop.IntegrationTests.Support;

/// <summary>One connection that stays open: sends bytes as they are, and reads one answer at a time.</summary>
internal sealed class RawConnection : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TcpClient _client = new();

    public static async Task<RawConnection> OpenAsync(int port)
    {
        var connection = new RawConnection();
        await connection._client.ConnectAsync(IPAddress.Loopback, port).WaitAsync(Patience);
        return connection;
    }

    public Task SendAsync(string text) => _client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(text)).AsTask().WaitAsync(Patience);

    /// <summary>The next answer, or null when the server has closed the connection instead.</summary>
    public async Task<RawReply?> ReadAsync()
    {
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await NextAsync(1) is not { Length: 1 } next)
            {
                return null;
            }

            head.Append(next);
        }

        return RawReply.Parse(head + await BodyAsync(head.ToString()));
    }

    public void Dispose() => _client.Dispose();

    private async Task<string> BodyAsync(string head)
    {
        if (head.StartsWith("HTTP/1.1 1", StringComparison.Ordinal))
        {
            return "";
        }

        var length = head.Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        if (length is not null)
        {
            return await NextAsync(int.Parse(length.Split(':')[1], CultureInfo.InvariantCulture)) ?? "";
        }

        // In chunks, as they came; no answer of these tests holds the end mark itself.
        var body = new StringBuilder();
        while (!body.ToString().EndsWith("0\r\n\r\n", StringComparison.Ordinal) && await NextAsync(1) is { Length: 1 } next)
        {
            body.Append(next);
        }

        return body.ToString();
    }

    // Null when the connection ends before that.
    private async Task<string?> NextAsync(int length)
    {
        var bytes = new byte[length];
        try
        {
            await _client.GetStream().ReadExactlyAsync(bytes).AsTask().WaitAsync(Patience);
            return Encoding.UTF8.GetString(bytes);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
