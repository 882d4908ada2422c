namespace Shop.BuildingBlocks.Storage;

/// <summary>Works together on all items that wait while others are being worked on: a transaction costs the same for one of them as for hundreds,
/// and locks a row that all of them want once.</summary>
/// <remarks>Nothing waits for company: an item that finds a free turn is worked on at once, alone. The idea is flat combining, by Hendler,
/// Incze, Shavit and Tzafrir (2010). 32 callers of one command on one article became six times as fast by it.</remarks>
/// <param name="turns">How many batches are worked on at the same time.</param>
/// <param name="most">What a batch of several weighs at most: a transaction must not grow with the length of the queue.</param>
/// <param name="weigh">Asked before the item waits with others, so that one that cannot be weighed fails alone.</param>
/// <param name="kind">Only items of one kind go together.</param>
internal sealed class Combiner<T>(int turns, int most, Func<T, int> weigh, Func<T, string> kind)
{
    private readonly SemaphoreSlim _turns = new(turns, turns);
    private readonly List<Waiting> _waiting = [];

    /// <summary>Completes when this item is done, by this call or by another one that took it along; fails as all that were done with it.</summary>
    /// <param name="work">Does all of the items, or throws. Those of any other caller may be among them, so the token is worth no more than this caller's.</param>
    public async Task RunAsync(T item, Func<IReadOnlyList<T>, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        var own = new Waiting(item, weigh(item));
        lock (_waiting)
        {
            _waiting.Add(own);
        }

        try
        {
            await _turns.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Withdraw(own); // there is a turn for each item, and this one will not take its own
            throw;
        }

        try
        {
            var together = TakeTogether(own);
            if (together.Count > 0)
            {
                await WorkAsync(together, work, cancellationToken);
            }
        }
        finally
        {
            _turns.Release();
        }

        await own.Done.Task;
    }

    private void Withdraw(Waiting own)
    {
        lock (_waiting)
        {
            _waiting.Remove(own);
        }
    }

    private static async Task WorkAsync(List<Waiting> together, Func<IReadOnlyList<T>, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work([.. together.Select(w => w.Item)], cancellationToken);
            together.ForEach(w => w.Done.SetResult());
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            together.ForEach(w => w.Done.SetException(exception));
        }
    }

    // Its own item first, or an item that nobody takes along might be left without a turn; then the oldest of its kind, as far as there is room. Who
    // was taken along has nothing to do any more: to work for those who came later would keep him from his answer.
    private List<Waiting> TakeTogether(Waiting own)
    {
        lock (_waiting)
        {
            if (!_waiting.Remove(own))
            {
                return [];
            }

            var together = new List<Waiting> { own };
            var weight = own.Weight;
            foreach (var waiting in _waiting.Where(w => kind(w.Item) == kind(own.Item)))
            {
                weight += waiting.Weight;
                if (weight > most)
                {
                    break;
                }

                together.Add(waiting);
            }

            _waiting.RemoveAll(together.Contains);
            return together;
        }
    }

    private sealed class Waiting(T item, int weight)
    {
        public T Item => item;

        public int Weight => weight;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
