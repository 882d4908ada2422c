using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Jobs;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts;

namespace Shop.BuildingBlocks.CleanUp;

/// <summary>Deletes what is past its time, in small transactions, so that nobody waits for it.</summary>
public sealed class CleanUpJob<TContext>(IEnumerable<ISweep<TContext>> sweeps, IOptions<CleanUpOptions> options) : IScheduledJob<TContext>
    where TContext : ShopDbContext
{
    public const string Name = JobNames.CleanUp;

    public JobDefinition Definition { get; } = new(Name, "Deletes records, letters and history that are past their time.", "0 15 * * * ?")
    {
        Misfire = MisfirePolicy.Skip, // an hour later there is a little more to do, and that is all
        LateAfter = TimeSpan.FromMinutes(30),
    };

    public async Task RunAsync(JobClaim<TContext> claim, CancellationToken cancellationToken)
    {
        foreach (var sweep in sweeps)
        {
            JobStep step;
            do
            {
                step = await claim.StepAsync(async db => new JobStep(await sweep.DeleteAsync(db, options.Value.BatchSize, cancellationToken)), cancellationToken);
            }
            while (step.Done == options.Value.BatchSize);
        }
    }
}
