using System.Collections.Concurrent;

namespace Shop.BuildingBlocks.Leadership;

/// <summary>Which duties this process leads at this moment. At most one process leads a duty, and at times none does.</summary>
/// <remarks>
/// For work that only one process may do. What can be shared (overdue orders, the outbox) is claimed row by row with <c>SKIP LOCKED</c> and needs no
/// leader. It does not say who leads elsewhere.
/// </remarks>
public sealed class Leaders(IEnumerable<Duty> duties, TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<Lead>> _leads =
        new(duties.DistinctBy(duty => duty.Name).Select(duty => KeyValuePair.Create(duty.Name, Pending())));

    private readonly ConcurrentDictionary<string, long> _refused = new();

    /// <summary>The duties of this service.</summary>
    public IEnumerable<string> Duties => _leads.Keys.Order(StringComparer.Ordinal);

    /// <summary>The lead of this process; null while it does not lead.</summary>
    /// <exception cref="ArgumentException">The service has no such duty.</exception>
    public Lead? Of(string duty) => Slot(duty).Task is { IsCompletedSuccessfully: true } lead && lead.GetAwaiter().GetResult() is { IsValid: true } valid
        ? valid
        : null;

    /// <summary>Ends when this process leads.</summary>
    /// <exception cref="ArgumentException">The service has no such duty.</exception>
    public async Task<Lead> WaitAsync(string duty, CancellationToken cancellationToken)
    {
        while (true)
        {
            var lead = await Slot(duty).Task.WaitAsync(cancellationToken);
            if (lead.IsValid)
            {
                return lead;
            }

            // Lost by time, and the election has not taken it back yet.
            await Task.Delay(TimeSpan.FromMilliseconds(20), clock, cancellationToken);
        }
    }

    /// <summary>How many writes of this process were refused because its lead was over.</summary>
    public long RefusedWrites(string duty) => _refused.GetValueOrDefault(duty);

    internal void Begin(Lead lead)
    {
        if (!Slot(lead.Duty).TrySetResult(lead))
        {
            throw new InvalidOperationException($"{lead.Duty} is led already.");
        }
    }

    internal void End(string duty) => _leads[duty] = Pending();

    internal void CountRefused(string duty) => _refused.AddOrUpdate(duty, 1, (_, count) => count + 1);

    private static TaskCompletionSource<Lead> Pending() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TaskCompletionSource<Lead> Slot(string duty) => _leads.TryGetValue(duty, out var slot)
        ? slot
        : throw new ArgumentException($"This service has no duty '{duty}': register it with AddDuty.", nameof(duty));
}
