using System.Collections.Concurrent;

namespace Shop.Benchmarks.Messaging;

/// <summary>Who waits for the effect of which message.</summary>
internal sealed class Arrivals
{
    private readonly ConcurrentDictionary<long, TaskCompletionSource> _waiting = new();

    public Task Expect(long order) => _waiting.GetOrAdd(order, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Arrived(IReadOnlyList<long> orders)
    {
        foreach (var order in orders)
        {
            if (_waiting.TryRemove(order, out var waiting))
            {
                waiting.TrySetResult();
            }
        }
    }
}
