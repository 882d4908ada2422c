using System.Net;
using System.Net.Sockets;

namespace Shop.Lab.Faults;

/// <summary>A link between two processes on loopback whose faults can be changed while it is in use.</summary>
/// <remarks>
/// It is no network: it loses, repeats and reorders no packets, and a connection into a black hole is accepted where a real one would never be
/// made. What a black hole has swallowed is gone: such connections are reset when it is over, others go on.
/// </remarks>
internal sealed class FaultProxy : IAsyncDisposable
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(20);

    private readonly Target _target;
    private readonly TimeProvider _clock;
    private readonly Random _seeds;
    private readonly Lock _gate = new();
    private readonly Dictionary<ProxyConnection, Task> _connections = [];
    private LinkFaults _faults = LinkFaults.None;
    private Socket? _listener;
    private bool _triesAgain;
    private bool _isOver;

    /// <param name="port">Where it listens, on loopback; 0 takes any, and keeps it.</param>
    public FaultProxy(int port, Target target, TimeProvider clock, int seed)
    {
        (Port, _target, _clock, _seeds) = (port, target, clock, new Random(seed));
        target.Changed += Follow;
        Follow();
    }

    public int Port { get; private set; }

    public LinkFaults Faults => Volatile.Read(ref _faults);

    /// <summary>Listens, or does not, as its target and its faults want it.</summary>
    /// <remarks>While it does not listen its port may be taken, by a connection that goes out somewhere, or for a moment by a child that this process has
    /// just forked, which still has the listener that was closed: it tries until the port is free.</remarks>
    private void Follow()
    {
        lock (_gate)
        {
            if (!_target.IsUp || Faults.Cut || _isOver)
            {
                _listener?.Dispose();
                _listener = null;
            }
            else if (_listener is null && TryListen() is { } listener)
            {
                _listener = listener;
                Port = ((IPEndPoint)listener.LocalEndPoint!).Port;
                _ = AcceptAsync(listener);
            }
            else if (_listener is null && !_triesAgain)
            {
                _triesAgain = true;
                _ = FollowAgainAsync();
            }
        }
    }

    /// <summary>Replaces all faults. When it returns they are in force, for connections that there are too.</summary>
    public void Set(LinkFaults faults)
    {
        Volatile.Write(ref _faults, faults);
        Follow();
        List<ProxyConnection> broken;
        lock (_gate)
        {
            broken = [.. _connections.Keys.Where(connection => faults.Cut || connection.IsBeyondRepair(faults))];
        }

        broken.ForEach(connection => connection.Reset());
    }

    public async ValueTask DisposeAsync()
    {
        _target.Changed -= Follow;
        List<Task> serving;
        lock (_gate)
        {
            _isOver = true;
            serving = [.. _connections.Values];
        }

        Set(new LinkFaults { Cut = true });
        await Task.WhenAll(serving);
    }

    private async Task FollowAgainAsync()
    {
        await Task.Delay(BetweenTries, _clock);
        lock (_gate)
        {
            _triesAgain = false;
        }

        Follow();
    }

    private Socket? TryListen()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(new IPEndPoint(IPAddress.Loopback, Port));
            listener.Listen();
            return listener;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AddressAlreadyInUse)
        {
            listener.Dispose();
            return null;
        }
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            try
            {
                Serve(await listener.AcceptAsync());
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                lock (_gate)
                {
                    if (listener != _listener)
                    {
                        return;
                    }
                }
            }
        }
    }

    private void Serve(Socket caller)
    {
        caller.NoDelay = true;
        lock (_gate)
        {
            var connection = new ProxyConnection(caller, _target, () => Faults, _clock, _seeds.Next());
            if (Faults.Cut)
            {
                connection.Reset();
                return;
            }

            _connections[connection] = RunAsync(connection);
        }
    }

    private async Task RunAsync(ProxyConnection connection)
    {
        await Task.Yield(); // out of the lock
        await connection.RunAsync();
        lock (_gate)
        {
            _connections.Remove(connection);
        }
    }
}
