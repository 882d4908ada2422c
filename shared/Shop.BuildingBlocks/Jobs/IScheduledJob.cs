using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Jobs;

/// <summary>A job as its author writes it: what it is, and how one unit of it is worked on.</summary>
/// <remarks>
/// A unit may be begun several times, on several nodes, and an earlier worker may still be alive when a later one begins. So everything that it
/// changes goes through <see cref="JobClaim{TContext}.StepAsync"/>, and whatever it does elsewhere must bear being repeated.
/// </remarks>
public interface IScheduledJob<TContext> where TContext : ShopDbContext
{
    JobDefinition Definition { get; }

    /// <summary>Works on one unit from where <see cref="JobClaim{TContext}.Progress"/> says, until nothing is left to do.</summary>
    Task RunAsync(JobClaim<TContext> claim, CancellationToken cancellationToken);
}
