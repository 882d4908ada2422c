namespace Shop.BuildingBlocks.Messaging;

/// <summary>Makes one envelope of all that wait while others are being handled: after an outage the queue is full of small ones, and a
/// transaction costs the same for one message as for hundreds.</summary>
/// <remarks>Nothing waits for company: an envelope that finds a free turn is handled at once, alone. The idea is flat combining, by Hendler,
/// Incze, Shavit and Tzafrir (2010).</remarks>
internal sealed class EnvelopeCombiner(int turns)
{
    // About what one full envelope holds: a transaction must not grow with the length of the queue.
    private const int MaxLength = 64 * 1024;

    private readonly SemaphoreSlim _turns = new(turns, turns);
    private readonly List<Waiting> _waiting = [];

    /// <summary>Completes when this envelope is handled, by this call or by another one that took it along.</summary>
    public async Task HandleAsync(Envelope envelope, Func<Envelope, CancellationToken, Task> handle, CancellationToken cancellationToken)
    {
        var own = new Waiting(envelope);
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
            Withdraw(own); // there is a turn for each envelope, and this one will not take its own
            throw;
        }

        try
        {
            var together = TakeTogether();
            if (together.Count > 0)
            {
                await HandleAsync(together, handle, cancellationToken);
            }
        }
        finally
        {
            _turns.Release();
        }

        await own.Handled.Task;
    }

    private void Withdraw(Waiting own)
    {
        lock (_waiting)
        {
            _waiting.Remove(own);
        }
    }

    private static async Task HandleAsync(List<Waiting> together, Func<Envelope, CancellationToken, Task> handle, CancellationToken cancellationToken)
    {
        try
        {
            await handle(together[0].Envelope with { Parts = [.. together.SelectMany(w => w.Envelope.Parts)] }, cancellationToken);
            together.ForEach(w => w.Handled.SetResult());
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            together.ForEach(w => w.Handled.SetException(exception));
        }
    }

    // The oldest and all that came from the same source, as far as there is room.
    private List<Waiting> TakeTogether()
    {
        lock (_waiting)
        {
            var together = new List<Waiting>();
            var length = 0;
            foreach (var waiting in _waiting.Where(w => w.Envelope.Source == _waiting[0].Envelope.Source))
            {
                length += waiting.Length;
                if (length > MaxLength && together.Count > 0)
                {
                    break;
                }

                together.Add(waiting);
            }

            _waiting.RemoveAll(together.Contains);
            return together;
        }
    }

    private sealed class Waiting(Envelope envelope)
    {
        public Envelope Envelope { get; } = envelope;

        /// <summary>Counted before it waits with others: what is no envelope must fail alone.</summary>
        public int Length { get; } = envelope.Parts.Sum(part => part.Length);

        public TaskCompletionSource Handled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
