using System.Collections.Concurrent;

namespace Shop.Benchmarks.Rivals.Idiom;

/// <summary>Requests that wait for the end of their order.</summary>
internal sealed class Waiting
{
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource<bool>> _requests = new();

    public Task<bool> For(Guid order) => _requests.GetOrAdd(order, _ => new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Finished(Guid order, bool confirmed)
    {
        if (_requests.TryRemove(order, out var request))
        {
            request.SetResult(confirmed);
        }
    }
}
