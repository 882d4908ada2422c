using System.Globalization;
using Shop.BuildingBlocks.Audit;
using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Jobs;
using Shop.IntegrationTests.Storage;

namespace Shop.IntegrationTests.Jobs;

/// <summary>What the job of a test is and does, the same on all of its nodes.</summary>
internal sealed class JobScript
{
    public const string Job = "scripted";

    public JobDefinition Definition { get; init; } = new(Job, "What the test wants.", "* * * * * ?");

    public int Steps { get; init; } = 1;

    /// <summary>Before a step begins, outside of its transaction.</summary>
    public Func<JobMoment, CancellationToken, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>In the transaction of a step, after its effect.</summary>
    public Func<JobMoment, CancellationToken, Task> Within { get; set; } = (_, _) => Task.CompletedTask;
}

/// <summary>Where a node is.</summary>
internal sealed record JobMoment(string Node, string FireId, int Unit, int Step);

/// <summary>Its effects are rows of the audit trail, each naming its fire, unit and step: what was done twice stands there twice.</summary>
internal sealed class ScriptedJob(JobScript script, JobNode node, SnowflakeIdGenerator ids, TimeProvider clock) : IScheduledJob<PlainDbContext>
{
    public const string Effect = "effect";

    public JobDefinition Definition => script.Definition;

    public async Task RunAsync(JobClaim<PlainDbContext> claim, CancellationToken cancellationToken)
    {
        for (var step = claim.Progress is { } last ? int.Parse(last, CultureInfo.InvariantCulture) + 1 : 0; step < script.Steps; step++)
        {
            var moment = new JobMoment(node.Instance, claim.Run.FireId, claim.Unit, step);
            await script.Before(moment, cancellationToken);
            await claim.StepAsync(
                async db =>
                {
                    db.Audit.Add(new AuditEntry(ids.Next(), clock.GetUtcNow(), node.Instance, Effect, $"{moment.FireId}/{moment.Unit}/{step}", null, null));
                    await script.Within(moment, cancellationToken);
                    return new JobStep(1, $"{step}");
                },
                cancellationToken);
        }
    }
}
