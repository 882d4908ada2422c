using Shop.BuildingBlocks.Jobs;
using Shop.Contracts;
using Shop.Ordering.Storage;

namespace Shop.Ordering.Reconciliation;

/// <summary>Reconciliation by schedule. A run that is cut off begins anew on another node: what it has found and corrected is not found again.</summary>
/// <remarks>Its corrections are carried out by others, who record each under its difference: they bear being asked twice.</remarks>
internal sealed class ReconciliationJob(Reconciler reconciler) : IScheduledJob<OrderingDbContext>
{
    public const string Name = JobNames.Reconciliation;

    public JobDefinition Definition { get; } = new(Name, "Compares what the services say of each order, and puts right what differs.", "0 0/15 * * * ?")
    {
        Misfire = MisfirePolicy.RunOnce,
        Timeout = TimeSpan.FromMinutes(30),
        Tries = 3,
        RetryAfter = TimeSpan.FromSeconds(30),
        LateAfter = TimeSpan.FromMinutes(45),
    };

    public Task RunAsync(JobClaim<OrderingDbContext> claim, CancellationToken cancellationToken) =>
        reconciler.RunAsync(Reconciler.Itself, claim, cancellationToken);
}
