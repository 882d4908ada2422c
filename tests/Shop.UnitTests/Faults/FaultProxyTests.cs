using System.Net;
using System.Net.Sockets;
using System.Text;
using Shop.Lab.Faults;
using Shop.UnitTests.Support;

namespace Shop.UnitTests.Faults;

/// <summary>Each fault of a link, on real sockets. The clock stands still unless a test moves it.</summary>
public sealed class FaultProxyTests : IAsyncLifetime
{
    // More than the kernel holds for a reader that does not read: who could write all of it was read.
    private const int MoreThanBuffers = 32 * 1024 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly ManualTimeProvider _clock = new();
    private TcpListener _server = new(IPAddress.Loopback, 0);
    private readonly List<Socket> _sockets = [];
    private Target _target = null!;
    private FaultProxy _link = null!;

    public async Task InitializeAsync()
    {
        _server.Start();
        _target = new Target(((IPEndPoint)_server.LocalEndpoint).Port);
        await LookUntilAsync(isUp: true);
        _link = new FaultProxy(0, _target, _clock, seed: 1);
    }

    public async Task DisposeAsync()
    {
        _sockets.ForEach(socket => socket.Dispose());
        await _link.DisposeAsync();
        _server.Dispose();
    }

    [Fact]
    public async Task A_sound_link_changes_nothing_and_an_end_stays_an_end()
    {
        var (caller, server) = await ConnectAsync();
        var sent = new byte[1_000_000];
        new Random(1).NextBytes(sent);

        var sending = SendAllAsync(caller, sent).ContinueWith(_ => caller.Shutdown(SocketShutdown.Send), TaskScheduler.Default);
        Assert.Equal(sent, await ReadToEndAsync(server));
        await sending;

        // The other half is still open.
        await SendAllAsync(server, "answer"u8.ToArray());
        server.Shutdown(SocketShutdown.Send);
        Assert.Equal("answer"u8.ToArray(), await ReadToEndAsync(caller));
    }

    [Fact]
    public async Task A_cut_link_resets_what_is_open_and_refuses_what_comes_until_it_is_healed()
    {
        var (caller, server) = await ConnectAsync();

        _link.Set(new LinkFaults { Cut = true });
        await AssertResetAsync(caller);
        await AssertResetAsync(server);
        await AssertRefusedAsync();

        _link.Set(LinkFaults.None);
        await AssertConnectsAsync();
    }

    [Fact]
    public async Task A_link_whose_port_was_taken_while_its_target_was_away_opens_when_the_port_is_free_again()
    {
        var port = ((IPEndPoint)_server.LocalEndpoint).Port;
        _server.Dispose();
        await LookUntilAsync(isUp: false);
        await AssertRefusedAsync();
        var other = new TcpListener(IPAddress.Loopback, _link.Port);
        other.Start();

        _server = new TcpListener(IPAddress.Loopback, port);
        _server.Start();
        await LookUntilAsync(isUp: true);
        other.Dispose();
        await AssertRefusedAsync();

        await AssertOpensByItselfAsync();
    }

    // A child that this process has just forked has the closed listener too, until it becomes another program.
    [Fact]
    public async Task A_link_whose_port_is_taken_at_the_moment_when_it_is_healed_opens_by_itself()
    {
        _link.Set(new LinkFaults { Cut = true });
        using (var other = new TcpListener(IPAddress.Loopback, _link.Port))
        {
            other.Start();
            _link.Set(LinkFaults.None);
        }

        await AssertOpensByItselfAsync();
    }

    [Theory]
    [InlineData(nameof(Way.There))]
    [InlineData(nameof(Way.Back))]
    [InlineData(nameof(Way.Both))]
    public async Task A_black_hole_swallows_all_and_the_sender_does_not_notice(string direction)
    {
        var way = Enum.Parse<Way>(direction);
        var (caller, server) = await ConnectAsync();
        var (sender, receiver) = way is Way.Back ? (server, caller) : (caller, server);

        _link.Set(LinkFaults.Of(new Toxics { Swallow = true }, way));
        await SendAllAsync(sender, new byte[MoreThanBuffers]);
        if (way is not Way.Both)
        {
            await AssertPassesAsync((receiver, sender));
        }

        // There is a gap in what was sent, and TCP never delivers what comes after one.
        _link.Set(LinkFaults.None);
        await AssertResetAsync(receiver);
        await AssertResetAsync(sender);
    }

    [Fact]
    public async Task A_connection_of_which_nothing_was_swallowed_goes_on_when_a_black_hole_is_over()
    {
        var connection = await ConnectAsync();

        _link.Set(LinkFaults.Of(new Toxics { Swallow = true }, Way.Both));
        _link.Set(LinkFaults.None);

        await AssertPassesAsync(connection);
    }

    [Fact]
    public async Task An_end_is_swallowed_too()
    {
        var (caller, server) = await ConnectAsync();

        _link.Set(LinkFaults.Of(new Toxics { Swallow = true }, Way.There));
        await SendAllAsync(caller, new byte[MoreThanBuffers]);
        caller.Dispose();
        await AssertPassesAsync((server, null)); // half open: what the server sends goes nowhere, and it knows of nothing

        _link.Set(LinkFaults.None);
        await AssertResetAsync(server);
    }

    [Fact]
    public async Task A_delayed_byte_arrives_when_its_time_has_come_and_not_before()
    {
        var (caller, server) = await ConnectAsync();
        _link.Set(LinkFaults.Of(new Toxics { Latency = TimeSpan.FromSeconds(10) }, Way.There));

        await SendAllAsync(caller, "late"u8.ToArray());
        await UntilAsync(() => _clock.ArmedTimers == 1);
        _clock.Advance(TimeSpan.FromSeconds(9.999));
        Assert.Equal((1, 0), (_clock.ArmedTimers, server.Available));
        await AssertPassesAsync((server, caller)); // the other way is not delayed

        _clock.Advance(TimeSpan.FromSeconds(0.001));
        Assert.Equal("late", await ReadAsync(server, 4));
    }

    [Fact]
    public async Task Jitter_delays_each_piece_by_another_time_and_keeps_their_order()
    {
        var (caller, server) = await ConnectAsync();
        _link.Set(LinkFaults.Of(new Toxics { Jitter = TimeSpan.FromSeconds(10) }, Way.There));

        foreach (var letter in "abcdefgh")
        {
            await SendAllAsync(caller, [(byte)letter]);
            await UntilAsync(() => _clock.ArmedTimers == 1);
        }

        await UntilAsync(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            return server.Available == 8;
        });

        Assert.Equal("abcdefgh", await ReadAsync(server, 8));
    }

    [Fact]
    public async Task A_narrow_link_lets_through_so_many_bytes_in_a_second()
    {
        var (caller, server) = await ConnectAsync();
        _link.Set(LinkFaults.Of(new Toxics { BytesPerSecond = 100 }, Way.There));

        await SendAllAsync(caller, Encoding.ASCII.GetBytes(new string('x', 100)));
        for (var passed = 5; passed <= 100; passed += 5)
        {
            Assert.Equal("xxxxx", await ReadAsync(server, 5));
            await UntilAsync(() => _clock.ArmedTimers == 1);
            Assert.Equal(0, server.Available);
            _clock.Advance(TimeSpan.FromSeconds(0.05));
        }
    }

    [Fact]
    public async Task A_cut_in_the_answer_comes_after_the_request_has_had_its_effect()
    {
        var (caller, server) = await ConnectAsync();
        await AssertPassesAsync((server, caller)); // what passed before does not count
        _link.Set(LinkFaults.Of(new Toxics { CutAfter = 3 }, Way.Back));

        await SendAllAsync(caller, "commit"u8.ToArray());
        Assert.Equal("commit", await ReadAsync(server, 6));
        await SendAllAsync(server, "committed"u8.ToArray());

        Assert.Equal("com", await ReadAsync(caller, 3));
        await AssertResetAsync(caller);
        await AssertResetAsync(server);
    }

    [Fact]
    public async Task A_link_to_nobody_refuses_like_nobody()
    {
        var (caller, server) = await ConnectAsync();
        _server.Stop();
        server.Dispose();

        // Whoever sees the end of its connection and tries again is refused at once.
        Assert.Empty(await ReadToEndAsync(caller));
        await AssertRefusedAsync();

        _server = new TcpListener(_target.Address);
        _server.Start();
        await LookUntilAsync(isUp: true);
        await AssertPassesAsync(await ConnectAsync());
    }

    // A look that had no answer in its time has changed nothing, and no other comes by itself.
    private async Task LookUntilAsync(bool isUp)
    {
        using var patience = new CancellationTokenSource(Patience);
        do
        {
            patience.Token.ThrowIfCancellationRequested();
            await _target.LookAsync();
        }
        while (_target.IsUp != isUp);

        if (isUp)
        {
            do
            {
                (await _server.AcceptSocketAsync(patience.Token)).Dispose(); // the look
            }
            while (_server.Pending());
        }
    }

    private async Task<(Socket Caller, Socket Server)> ConnectAsync()
    {
        var caller = NewSocket();
        await caller.ConnectAsync(IPAddress.Loopback, _link.Port);
        var server = await _server.AcceptSocketAsync().WaitAsync(Patience);
        _sockets.Add(server);
        return (caller, server);
    }

    private Socket NewSocket()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _sockets.Add(socket);
        return socket;
    }

    private static async Task AssertPassesAsync((Socket From, Socket? To) way)
    {
        await SendAllAsync(way.From, "hello"u8.ToArray());
        if (way.To is { } to)
        {
            Assert.Equal("hello", await ReadAsync(to, 5));
        }
    }

    private async Task AssertOpensByItselfAsync()
    {
        await UntilAsync(() => _clock.ArmedTimers == 1);
        _clock.Advance(TimeSpan.FromMilliseconds(20));
        await UntilAsync(() =>
        {
            using var caller = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                caller.Connect(IPAddress.Loopback, _link.Port);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        });
        await AssertConnectsAsync();
    }

    // Whenever a connection ends, the link looks whether its target is there: such a look may stand in the line before the connection.
    private async Task AssertConnectsAsync()
    {
        var caller = NewSocket();
        await caller.ConnectAsync(IPAddress.Loopback, _link.Port);
        await SendAllAsync(caller, "hello"u8.ToArray());
        var bytes = new byte[5];
        int count;
        do
        {
            using var accepted = await _server.AcceptSocketAsync().WaitAsync(Patience);
            count = await accepted.ReceiveAsync(bytes.AsMemory()).AsTask().WaitAsync(Patience);
        }
        while (count == 0);
        Assert.Equal("hello"u8, bytes.AsSpan(0, count));
    }

    private async Task AssertRefusedAsync() => Assert.Equal(
        SocketError.ConnectionRefused,
        (await Assert.ThrowsAsync<SocketException>(() => NewSocket().ConnectAsync(IPAddress.Loopback, _link.Port))).SocketErrorCode);

    private static async Task AssertResetAsync(Socket socket) => Assert.Equal(
        SocketError.ConnectionReset, (await Assert.ThrowsAsync<SocketException>(() => ReadToEndAsync(socket))).SocketErrorCode);

    private static async Task SendAllAsync(Socket socket, byte[] bytes)
    {
        for (var sent = 0; sent < bytes.Length;)
        {
            sent += await socket.SendAsync(bytes.AsMemory(sent)).AsTask().WaitAsync(Patience);
        }
    }

    private static async Task<string> ReadAsync(Socket socket, int count)
    {
        var bytes = new byte[count];
        for (var read = 0; read < count;)
        {
            var more = await socket.ReceiveAsync(bytes.AsMemory(read)).AsTask().WaitAsync(Patience);
            Assert.NotEqual(0, more);
            read += more;
        }

        return Encoding.ASCII.GetString(bytes);
    }

    private static async Task<byte[]> ReadToEndAsync(Socket socket)
    {
        var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (await socket.ReceiveAsync(buffer).WaitAsync(Patience) is var count and > 0)
        {
            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var waited = TimeSpan.Zero; !condition(); waited += TimeSpan.FromMilliseconds(5))
        {
            Assert.True(waited < Patience);
            await Task.Delay(5);
        }
    }
}
