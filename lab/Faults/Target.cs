using System.Net;
using System.Net.Sockets;

namespace Shop.Lab.Faults;

/// <summary>Where links lead, and whether anybody listens there: a link refuses what its target would refuse.</summary>
/// <remarks>
/// Callers move on to another replica when a connection is refused and not when it breaks, because a request that was sent may have had its effect.
/// A proxy that took connections for a dead target would turn the one into the other.
/// </remarks>
internal sealed class Target(int port)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();

    public IPEndPoint Address { get; } = new(IPAddress.Loopback, port);

    public bool IsUp { get; private set; }

    public event Action? Changed;

    /// <summary>Only a refusal shows that nobody is there: who is frozen or full does not answer, and may yet.</summary>
    public async Task LookAsync()
    {
        bool isUp;
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            using var bounded = new CancellationTokenSource(Patience);
            await socket.ConnectAsync(Address, bounded.Token);
            isUp = true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionRefused)
        {
            isUp = false;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            return;
        }

        lock (_gate)
        {
            if (IsUp == isUp)
            {
                return;
            }

            IsUp = isUp;
        }

        Changed?.Invoke();
    }
}
