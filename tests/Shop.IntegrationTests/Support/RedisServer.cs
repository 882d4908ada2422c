using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Shop.IntegrationTests.Support;

/// <summary>A redis-server of this test's own, on a port and a directory of its own, that can be killed, frozen and started again.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TempDirectory _directory = new();
    private readonly string[] _arguments;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private Process _process = null!;

    private RedisServer(int port, string[] arguments, IReadOnlyDictionary<string, string> environment)
    {
        Port = port;
        _arguments = arguments;
        _environment = environment;
    }

    public int Port { get; }

    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    public static Task<RedisServer> StartAsync(params string[] arguments) => StartAsync(new Dictionary<string, string>(), arguments);

    public static async Task<RedisServer> StartAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var server = new RedisServer(Ports.Free(1), arguments, environment);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>With the data that it had: what it answered was in its log file, which a SIGKILL does not touch.</summary>
    public async Task StartAgainAsync()
    {
        var start = new ProcessStartInfo("redis-server") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] all =
        [
            "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", _directory.Path,
            "--save", "", "--appendonly", "yes", "--loglevel", "warning", .. _arguments,
        ];
        foreach (var argument in all)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in _environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            _process = Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            throw new InvalidOperationException("These tests need Redis: 'redis-server' is not on the PATH (Debian: apt-get install redis-server).", exception);
        }

        await ReadyAsync();
    }

    /// <summary>As a machine that lost its disk.</summary>
    public async Task StartEmptyAsync()
    {
        foreach (var directory in Directory.GetDirectories(_directory.Path))
        {
            Directory.Delete(directory, recursive: true);
        }

        await StartAgainAsync();
    }

    /// <summary>SIGKILL: connections break at once.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGSTOP: connections stay, and nobody answers.</summary>
    public Task FreezeAsync() => SignalAsync("-STOP");

    public Task ThawAsync() => SignalAsync("-CONT");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
        _directory.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private async Task ReadyAsync()
    {
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < Patience; await Task.Delay(20))
        {
            if (_process.HasExited)
            {
                Assert.Fail($"redis-server ended at start: {await _process.StandardOutput.ReadToEndAsync()}{await _process.StandardError.ReadToEndAsync()}");
            }

            if (await AnswersAsync())
            {
                return;
            }
        }

        throw new TimeoutException("redis-server does not answer.");
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port);
            await client.GetStream().WriteAsync("PING\r\n"u8.ToArray());
            var answer = new byte[5];
            await client.GetStream().ReadExactlyAsync(answer);
            return answer.AsSpan().SequenceEqual("+PONG"u8); // not "-LOADING"
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return false;
        }
    }
}
