using System.Text;

namespace Shop.Lab.Cluster.Probes;

/// <summary>Ready when it lets the password in and has loaded its data.</summary>
internal sealed record RedisProbe(int Port, string Password) : Probe
{
    protected override async Task<ProbeResult> AskAsync(CancellationToken cancellationToken)
    {
        await using var stream = await Loopback.ConnectAsync(Port, cancellationToken);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"AUTH {Password}\r\nPING\r\nROLE\r\n"), cancellationToken);

        foreach (var expected in new[] { "+OK", "+PONG" })
        {
            var line = await reader.ReadLineAsync(cancellationToken) ?? "";
            if (line != expected)
            {
                return ProbeResult.NotReady(line.TrimStart('-'));
            }
        }

        // An array whose first element is the role: *3, $6, master.
        await reader.ReadLineAsync(cancellationToken);
        await reader.ReadLineAsync(cancellationToken);
        return ProbeResult.Ready with { Role = await reader.ReadLineAsync(cancellationToken) };
    }
}
