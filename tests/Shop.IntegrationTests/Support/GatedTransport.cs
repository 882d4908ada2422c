using Shop.BuildingBlocks.Messaging;

namespace Shop.IntegrationTests.Support;

/// <summary>The loopback, with a gate that a test can close: what is sent waits there, so an order stays as it is.</summary>
internal sealed class GatedTransport : ITransport
{
    private readonly LoopbackTransport _loopback = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource _gate = Opened();

    public void Close()
    {
        lock (_lock)
        {
            if (_gate.Task.IsCompleted)
            {
                _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    public void Open()
    {
        lock (_lock)
        {
            _gate.TrySetResult();
        }
    }

    public async Task SendAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        Task gate;
        lock (_lock)
        {
            gate = _gate.Task;
        }

        await gate.WaitAsync(cancellationToken);
        await _loopback.SendAsync(envelope, cancellationToken);
    }

    public Task ListenAsync(string service, Func<Envelope, CancellationToken, Task> receive, CancellationToken cancellationToken) =>
        _loopback.ListenAsync(service, receive, cancellationToken);

    private static TaskCompletionSource Opened()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        gate.SetResult();
        return gate;
    }
}
