using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Shop.IntegrationTests.Discovery;
using Shop.IntegrationTests.Support;
using Shop.Lab.Cluster;
using Shop.Lab.Cluster.Model;
using Shop.Lab.Cluster.Processes;
using static Shop.IntegrationTests.Cluster.Clients;

namespace Shop.IntegrationTests.Cluster;

/// <summary>However a cluster's start or its life ends, nothing of it keeps running.</summary>
[Collection(OwnCluster.Name)]
public sealed class UpAndDownTests : IAsyncLifetime
{
    private const ClusterParts Two = ClusterParts.Postgres | ClusterParts.Redis;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TempDirectory _directory = new();
    private readonly int _port = Ports.Free(PortPlan.Size);

    [Fact]
    public async Task Down_leaves_no_process_and_up_finds_the_data_again()
    {
        var cluster = await UpAsync();
        var password = cluster.Secrets.Database["payments"];
        await SqlAsync(_port + 40, "payments", password, "payments", "CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)");

        await cluster.DownAsync();
        Assert.Empty(Left());
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_directory.Path, "run")));

        var again = await UpAsync();
        Assert.Equal((true, "7"), await SqlAsync(_port + 40, "payments", password, "payments", "SELECT id FROM kept"));
        await again.DownAsync();
        Assert.Empty(Left());
    }

    [Fact]
    public async Task Up_starts_what_is_missing_and_leaves_alone_what_runs()
    {
        var cluster = await UpAsync(ClusterParts.Locks);
        var before = await cluster.StatusAsync();
        await cluster.KillAsync("redis-lock-2");

        cluster = await UpAsync(ClusterParts.Locks);
        await Eventually.TrueAsync(async () => (await cluster.StatusAsync()).All(process => process.Health is ProcessHealth.Healthy));

        var after = await cluster.StatusAsync();
        Assert.Equal(before[0].Id, after[0].Id);
        Assert.NotEqual(before[1].Id, after[1].Id);
        await cluster.DownAsync();
    }

    [Fact]
    public async Task Down_ends_frozen_servers_too()
    {
        var cluster = await UpAsync();
        await cluster.PauseAsync("postgres");
        await cluster.PauseAsync("redis");

        await cluster.DownAsync();

        // Asked, not killed after the patience: they run again to hear it.
        Assert.Contains("database system is shut down", await LogAsync("postgres"), StringComparison.Ordinal);
        Assert.Contains("ready to exit, bye bye", await LogAsync("redis"), StringComparison.Ordinal);
        Assert.Empty(Left());

        Task<string> LogAsync(string process) => File.ReadAllTextAsync(cluster.Directory.Log(process));
    }

    [Fact]
    public async Task Down_ends_what_a_killed_server_left_behind()
    {
        var cluster = await UpAsync();

        // The leader alone, as the kernel's out-of-memory killer would: PostgreSQL's other processes have sessions of their own.
        Signal.Kill.Send((await cluster.StatusAsync())[0].Id!.Value);
        await cluster.DownAsync();

        Assert.Empty(Left());
    }

    [Fact]
    public async Task A_taken_port_ends_in_one_line_and_starts_nothing()
    {
        using var taken = new TcpListener(IPAddress.Loopback, _port + 60);
        taken.Start();

        var refusal = await Assert.ThrowsAsync<ClusterException>(() => UpAsync());

        Assert.Contains($"port {_port + 60} (redis", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(Left());
    }

    [Fact]
    public async Task A_server_that_fails_at_its_start_takes_the_others_with_it()
    {
        var log = Directory.CreateDirectory(Path.Combine(_directory.Path, "redis", "appendonlydir"));
        await File.WriteAllTextAsync(Path.Combine(log.FullName, "appendonly.aof.manifest"), "this is no manifest\n");

        var refusal = await Assert.ThrowsAsync<ClusterException>(() => UpAsync());

        Assert.Contains("redis ended at its start", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
        Assert.Empty(Left());
    }

    [Theory]
    [InlineData("INT", 2)]
    [InlineData("TERM", 6)]
    [InlineData("HUP", 9)]
    public async Task A_signal_during_up_leaves_nothing_running(string signal, int processes)
    {
        using var up = await Servers.CommandAsync("up", "--servers-only", "--port", Text(_port), "--directory", _directory.Path);
        await UntilAsync(() => up.HasExited || Running().Count >= processes);
        Assert.False(up.HasExited, "It ended before it could be told to.");
        Signal.Parse(signal).Send(up.Id);
        await up.WaitForExitAsync().WaitAsync(Patience);

        Assert.Equal(130, up.ExitCode);
        Assert.Equal("cluster: interrupted", (await up.StandardError.ReadToEndAsync()).Trim());
        Assert.Empty(Left());
    }

    [Fact]
    public async Task Down_cleans_up_after_an_up_that_was_killed()
    {
        using var up = await Servers.CommandAsync("up", "--servers-only", "--port", Text(_port), "--directory", _directory.Path);
        await UntilAsync(() => up.HasExited || Running().Count > 5);
        up.Kill();
        await up.WaitForExitAsync();
        Assert.NotEmpty(Running());

        using var down = await Servers.CommandAsync("down", "--directory", _directory.Path);
        await down.WaitForExitAsync().WaitAsync(Patience);

        Assert.Equal(0, down.ExitCode);
        await UntilAsync(() => Left().Count == 0);
    }

    [Fact]
    public async Task A_second_command_on_one_directory_is_refused_while_the_first_is_at_work()
    {
        using (await ClusterLock.AcquireAsync(ClusterDirectory.Create(_directory.Path), TimeSpan.Zero, TimeProvider.System, default))
        {
            var refusal = await Assert.ThrowsAsync<ClusterException>(() => UpAsync());
            Assert.Contains("another cluster command", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_cluster_with_other_options_is_refused_until_the_first_is_down()
    {
        var cluster = await UpAsync(ClusterParts.Locks);

        var refusal = await Assert.ThrowsAsync<ClusterException>(() => UpAsync(ClusterParts.Redis));
        Assert.Contains("cluster down", refusal.Message, StringComparison.Ordinal);

        await cluster.DownAsync();
        var other = await UpAsync(ClusterParts.Redis);
        Assert.Single(await other.StatusAsync());
        await other.DownAsync();
    }

    [Fact]
    public async Task A_recycled_process_number_is_not_killed()
    {
        var cluster = await UpAsync(ClusterParts.Redis);
        await cluster.DownAsync();
        using var stranger = Process.Start("sleep", "60");
        var identity = ProcessRow.Read(stranger.Id)!.Value;
        await File.WriteAllTextAsync(
            cluster.Directory.PidFile("redis"),
            $"{new ProcessIdentity(stranger.Id, identity.StartTicks - 1, ProcessIdentity.CurrentBoot)}\n");

        await cluster.DownAsync();

        Assert.False(stranger.HasExited);
        stranger.Kill();
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (File.Exists(new ClusterDirectory(_directory.Path).OptionsFile))
        {
            await ShopCluster.Open(_directory.Path).DownAsync(); // of a test that failed half-way
        }

        _directory.Dispose();
    }

    private Task<ShopCluster> UpAsync(ClusterParts parts = Two) => Servers.UpAsync(_directory.Path, parts, _port);

    private IReadOnlyList<string> Running() => Servers.Running(_directory.Path);

    private IReadOnlyList<string> Left() => Servers.Left(_directory.Path);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static async Task UntilAsync(Func<bool> condition)
    {
        var started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience);
            await Task.Delay(50);
        }
    }
}
