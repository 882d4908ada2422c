using System.Net;
using System.Net.Sockets;
using System.Text;
using Shop.IntegrationTests.Discovery;
using Shop.Lab.Cluster.Processes;
using Shop.Lab.Cluster.Servers;

namespace Shop.IntegrationTests.Cluster;

/// <summary>The servers' own languages, as far as the tests need them: no client library in between that would hide a refusal.</summary>
internal static class Clients
{
    /// <summary>What psql prints, or how the server refuses.</summary>
    public static async Task<(bool Succeeded, string Output)> SqlAsync(int port, string user, string password, string database, string sql)
    {
        var (exitCode, output) = await CommandLine.TryAsync(
            [new Binaries().Psql, "-X", "-q", "-A", "-t", "-h", "127.0.0.1", "-p", $"{port}", "-U", user, "-d", database, "-c", sql],
            new Dictionary<string, string> { ["PGPASSWORD"] = password },
            null,
            CancellationToken.None);
        return (exitCode == 0, output.Trim());
    }

    /// <summary>The last line of the answer to the last command.</summary>
    public static async Task<string> RedisAsync(int port, params string[] commands)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var answer = "";
        foreach (var command in commands)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes($"{command}\r\n"));
            answer = await reader.ReadLineAsync() ?? "";
            if (answer.StartsWith('$') && answer != "$-1")
            {
                answer = await reader.ReadLineAsync() ?? "";
            }
        }

        return answer;
    }

    /// <summary>Repeated while there is no leader: when a server stands still for half a second the others choose one, and meanwhile answer with a 500.</summary>
    public static async Task<(HttpStatusCode Status, string Body)> ConsulAsync(HttpMethod method, Uri server, string path, Guid? token, string? body = null)
    {
        (HttpStatusCode Status, string Body) answer = default;
        await Eventually.TrueAsync(async () => (answer = await AskConsulAsync(method, server, path, token, body)).Status is not HttpStatusCode.InternalServerError);
        return answer;
    }

    private static async Task<(HttpStatusCode Status, string Body)> AskConsulAsync(HttpMethod method, Uri server, string path, Guid? token, string? body)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(method, new Uri(server, path)) { Content = body is null ? null : new StringContent(body) };
        if (token is { } secret)
        {
            request.Headers.Add("X-Consul-Token", $"{secret}");
        }

        using var response = await http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
