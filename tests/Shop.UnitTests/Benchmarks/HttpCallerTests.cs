using System.Net;
using System.Net.Sockets;
using System.Text;
using Shop.Benchmarks.Load;

namespace Shop.UnitTests.Benchmarks;

/// <summary>The driver's own HTTP client reads what servers send, however it is cut into pieces.</summary>
public sealed class HttpCallerTests
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello")]
    [InlineData("HTTP/1.1 503 Busy\r\ncontent-length: 2\r\n\r\nno", 503, "no")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", 204, "")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nB\r\n, everybody\r\n0\r\n\r\n", 200, "hello, everybody")]
    public async Task An_answer_is_read_whole(string sent, int status, string body)
    {
        foreach (var piece in new[] { 1, 7, sent.Length })
        {
            using var listener = Listener();
            using var caller = new HttpCaller(PortOf(listener));
            var serving = ServeAsync(listener, sent, piece, times: 2);
            for (var time = 0; time < 2; time++)
            {
                var answer = await caller.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray(), CancellationToken.None);

                Assert.Equal((status, body), (answer.Status, Encoding.ASCII.GetString(answer.Body.Span)));
            }

            await serving;
        }
    }

    [Fact]
    public async Task A_connection_that_breaks_is_an_error()
    {
        using var listener = Listener();
        using var caller = new HttpCaller(PortOf(listener));
        var serving = ServeAsync(listener, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhello", 100, times: 1);

        await Assert.ThrowsAsync<SocketException>(async () => await caller.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray(), CancellationToken.None));
        await serving;
    }

    private static TcpListener Listener()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    private static int PortOf(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;

    // One connection, which it closes at the end.
    private static async Task ServeAsync(TcpListener listener, string answer, int piece, int times)
    {
        using var client = await listener.AcceptTcpClientAsync();
        client.NoDelay = true;
        var stream = client.GetStream();
        for (var time = 0; time < times; time++)
        {
            await stream.ReadExactlyAsync(new byte["GET / HTTP/1.1\r\n\r\n".Length]);
            foreach (var part in Encoding.ASCII.GetBytes(answer).Chunk(piece))
            {
                await stream.WriteAsync(part);
            }
        }
    }
}
