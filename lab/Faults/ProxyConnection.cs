using System.Net.Sockets;

namespace Shop.Lab.Faults;

/// <summary>One connection over a link: two sockets, and a pump for each way.</summary>
internal sealed class ProxyConnection
{
    private readonly Socket _caller;
    private readonly Target _target;
    private readonly Socket _called = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Pump _there;
    private readonly Pump _back;
    private readonly CancellationTokenSource _over = new();
    private int _isClosed;

    public ProxyConnection(Socket caller, Target target, Func<LinkFaults> faults, TimeProvider clock, int seed)
    {
        (_caller, _target) = (caller, target);
        _there = new Pump(caller, _called, () => faults().There, () => Task.CompletedTask, clock, new Random(seed));
        _back = new Pump(_called, caller, () => faults().Back, target.LookAsync, clock, new Random(~seed));
    }

    /// <summary>Whether bytes are missing that would arrive with these faults: for such a connection there is no way back.</summary>
    public bool IsBeyondRepair(LinkFaults faults) => (_there.HasGap && !faults.There.Swallow) || (_back.HasGap && !faults.Back.Swallow);

    public async Task RunAsync()
    {
        Task[] parts = [];
        try
        {
            await ConnectAsync();
            parts = [_there.ReadAsync(_over.Token), _there.WriteAsync(_over.Token), _back.ReadAsync(_over.Token), _back.WriteAsync(_over.Token)];
            await foreach (var part in Task.WhenEach(parts))
            {
                await part;
            }

            Close(abruptly: false);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            Reset();
            await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Ends it at once, and neither side takes that for an end in good order.</summary>
    public void Reset() => Close(abruptly: true);

    private async Task ConnectAsync()
    {
        try
        {
            await _called.ConnectAsync(_target.Address, _over.Token);
        }
        catch (SocketException)
        {
            await _target.LookAsync();
            throw;
        }
    }

    private void Close(bool abruptly)
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0)
        {
            return;
        }

        foreach (var socket in (Socket[])[_caller, _called])
        {
            if (abruptly)
            {
                socket.LingerState = new LingerOption(true, 0); // RST instead of FIN
            }

            socket.Dispose();
        }

        _over.Cancel();
    }
}
