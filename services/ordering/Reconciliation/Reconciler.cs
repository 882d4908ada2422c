using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Jobs;
using Shop.BuildingBlocks.Storage;
using Shop.Ordering.Invariants;
using Shop.Ordering.Storage;

namespace Shop.Ordering.Reconciliation;

/// <summary>Compares what the services say of each order, as the invariant checker does, and puts right what differs: by itself where the protocol
/// had decided it already, otherwise by a proposal.</summary>
/// <remarks>
/// Safe while the system works: the streams only raise suspicions, and each is looked at again before it counts. Memory grows with the number of
/// suspicions, up to a bound, and not with the number of orders. It changes no row of others: it asks them for operations that they record.
/// </remarks>
internal sealed partial class Reconciler(
    IFacts facts,
    Database<OrderingDbContext> database,
    Differences differences,
    Corrector corrector,
    SnowflakeIdGenerator ids,
    IOptions<ReconciliationOptions> options,
    IOptions<InvariantOptions> invariants,
    TimeProvider clock,
    ILogger<Reconciler> logger) : IDisposable
{
    /// <summary>Who proposes and decides where no operator does. No operator can be called that.</summary>
    public const string Itself = "(reconciliation)";

    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Runs once, after whoever runs already.</summary>
    /// <param name="startedBy">The proposer of what is found.</param>
    /// <param name="claim">What a scheduled run may write by, as long as no other node has taken it over.</param>
    /// <param name="cancellationToken">Leaves it without an end.</param>
    public async Task<ReconciliationRun> RunAsync(string startedBy, JobClaim<OrderingDbContext>? claim, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var run = new ReconciliationRun(ids.Next(), startedBy, clock.GetStorageTime());
            await WriteAsync(claim, run, db => db.Add(run), cancellationToken);
            try
            {
                await RunAsync(run, claim, cancellationToken);
                await FinishAsync(run, claim, error: null, cancellationToken);
            }
            catch (Exception exception) when (exception is not (OutOfMemoryException or OperationCanceledException or JobFencedException))
            {
                await FinishAsync(run, claim, exception.Message, cancellationToken);
                throw;
            }

            return run;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Whether the difference is still to be seen and its correction the right one. A letter is: to requeue one that is gone does nothing.</summary>
    public async Task<bool> StandsAsync(Difference difference, CancellationToken cancellationToken) =>
        !long.TryParse(difference.Subject, out var orderId)
        || (await LookAgainAsync(orderId, cancellationToken))?.Any(difference.IsSettledAs) is true;

    public void Dispose() => _turn.Dispose();

    private async Task RunAsync(ReconciliationRun run, JobClaim<OrderingDbContext>? claim, CancellationToken cancellationToken)
    {
        // What was approved and not recorded: a crash came in between, or somebody was away.
        foreach (var approved in await differences.InAsync(DifferenceState.Approved, cancellationToken))
        {
            await TryApplyAsync(approved, cancellationToken);
        }

        foreach (var orderId in await SuspectsAsync(run, cancellationToken))
        {
            if (await LookAgainAsync(orderId, cancellationToken) is not { } findings)
            {
                run.CountMoved();
                continue;
            }

            foreach (var finding in findings)
            {
                await (claim?.RenewAsync(cancellationToken) ?? Task.CompletedTask); // who has lost the run starts nothing new
                await TreatAsync(run, finding, cancellationToken);
            }
        }

        foreach (var letter in await StuckLettersAsync(run, cancellationToken))
        {
            await TreatAsync(run, letter, cancellationToken);
        }

        await ForgetAsync(run, cancellationToken);
    }

    // The streams are read to their end first: to correct in the middle would keep three snapshots open for as long as that takes.
    private async Task<List<long>> SuspectsAsync(ReconciliationRun run, CancellationToken cancellationToken)
    {
        var now = clock.GetStorageTime();
        var suspects = new List<long>();
        var (orders, inFlight, complete) = (0L, 0L, true);
        await using var join = new FactJoin(facts, cancellationToken);
        await foreach (var joined in join.OrdersAsync())
        {
            orders++;
            inFlight += joined.Order is { Status: "pending" or "cancelling" } ? 1 : 0;
            if (!Classifier.FindingsIn(joined, details: null, now, invariants.Value.OverdueAfter).Any())
            {
                continue;
            }

            if (suspects.Count == options.Value.MaxSuspects)
            {
                complete = false;
                break;
            }

            suspects.Add(joined.OrderId);
        }

        run.Count(orders, inFlight, complete);
        return suspects;
    }

    private async Task<List<Finding>> StuckLettersAsync(ReconciliationRun run, CancellationToken cancellationToken)
    {
        var before = clock.GetStorageTime() - options.Value.LetterStuckAfter;
        var letters = new List<Finding>();
        await foreach (var letter in facts.DeadLettersAsync(cancellationToken))
        {
            if (letters.Count == options.Value.MaxSuspects)
            {
                run.Count(run.Orders, run.InFlight, isComplete: false);
                break;
            }

            if (letter.LastAt <= before)
            {
                letters.Add(new Finding(
                    DifferenceKinds.StuckLetter,
                    $"{letter.Service}.{letter.Id}",
                    $"{letter.Service} could not handle a message of {letter.Source}: {letter.Error}",
                    letter,
                    CorrectionKinds.RequeueLetter));
            }
        }

        return letters;
    }

    private async Task TreatAsync(ReconciliationRun run, Finding finding, CancellationToken cancellationToken)
    {
        var (difference, isNew) = await differences.RecordAsync(finding, run.StartedBy, run.Id, cancellationToken);
        Log.Found(logger, difference.Id, difference.State, difference.What);
        var applied = difference is { Automatic: true, State: DifferenceState.Approved } && await TryApplyAsync(difference, cancellationToken);
        run.CountFound(applied, proposed: isNew && !difference.Automatic);
    }

    private async Task<bool> TryApplyAsync(Difference difference, CancellationToken cancellationToken)
    {
        try
        {
            return (await corrector.ApplyAsync(difference, cancellationToken)).State is DifferenceState.Applied;
        }
        catch (Exception exception) when (exception.IsTransient() && !cancellationToken.IsCancellationRequested)
        {
            Log.NotApplied(logger, difference.Id, exception.Message);
            return false;
        }
    }

    /// <returns>Null when the order moved while it was looked at.</returns>
    private async Task<IReadOnlyList<Finding>?> LookAgainAsync(long orderId, CancellationToken cancellationToken)
    {
        if (await FactJoin.LookAgainAsync(facts, orderId, cancellationToken) is not { } joined)
        {
            return null;
        }

        var details = await database.ReadAsync(db => db.Orders.SingleOrDefaultAsync(o => o.Id == orderId, cancellationToken), cancellationToken);
        return details?.Version == joined.Order?.Version
            ? [.. Classifier.FindingsIn(joined, details, clock.GetStorageTime(), invariants.Value.OverdueAfter)]
            : null;
    }

    // Proposals that nobody has decided and that this run did not see again.
    private async Task ForgetAsync(ReconciliationRun run, CancellationToken cancellationToken)
    {
        if (!run.IsComplete)
        {
            return;
        }

        foreach (var proposal in await differences.InAsync(DifferenceState.Proposed, cancellationToken))
        {
            var isSeen = proposal.LastRun == run.Id || proposal.FoundAt >= run.StartedAt;
            if (!isSeen && (proposal.Kind is DifferenceKinds.StuckLetter || !await StandsAsync(proposal, cancellationToken)))
            {
                await differences.MoveAsync(proposal.Id, Itself, "gone", (_, d) => Task.FromResult(d.TryVanish()), after: null, cancellationToken);
            }
        }
    }

    private Task FinishAsync(ReconciliationRun run, JobClaim<OrderingDbContext>? claim, string? error, CancellationToken cancellationToken)
    {
        run.Finish(clock.GetStorageTime(), error);
        Log.Finished(logger, run.Id.ToString(CultureInfo.InvariantCulture), run.Orders, run.Found, run.Corrected, run.Proposed);
        return WriteAsync(claim, run, db => db.Update(run), cancellationToken);
    }

    private Task WriteAsync(JobClaim<OrderingDbContext>? claim, ReconciliationRun run, Action<OrderingDbContext> write, CancellationToken cancellationToken) =>
        claim is null
            ? database.WriteAsync(
                db =>
                {
                    write(db);
                    return Task.CompletedTask;
                },
                cancellationToken)
            : claim.StepAsync(
                db =>
                {
                    write(db);
                    return Task.FromResult(new JobStep(run.Corrected, run.Id.ToString(CultureInfo.InvariantCulture)));
                },
                cancellationToken);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Difference {Id} ({State}): {What}")]
        public static partial void Found(ILogger logger, string id, DifferenceState state, string what);

        [LoggerMessage(LogLevel.Warning, "Difference {Id} stays as it is until the next run: {Reason}")]
        public static partial void NotApplied(ILogger logger, string id, string reason);

        [LoggerMessage(LogLevel.Information, "Reconciliation {Id}: {Orders} orders, {Found} differences, {Corrected} corrected, {Proposed} proposed")]
        public static partial void Finished(ILogger logger, string id, long orders, int found, int corrected, int proposed);
    }
}
