using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Faults;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Jobs;

/// <summary>The right to work on one unit, for as long as nobody else has claimed it.</summary>
/// <remarks>It may be lost at any time, and the worker hears of it at its next step: what it does between two steps, outside this database, is not fenced.</remarks>
public sealed class JobClaim<TContext> where TContext : ShopDbContext
{
    private readonly Database<TContext> _database;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _lease;
    private readonly JobUnit _unit;

    internal JobClaim(Database<TContext> database, JobRun run, JobUnit unit, TimeSpan lease, TimeProvider clock)
    {
        _database = database;
        _clock = clock;
        _lease = lease;
        _unit = unit;
        Run = run;
        Progress = unit.Progress;
    }

    public JobRun Run { get; }

    /// <summary>Which part of the run this is, from 0.</summary>
    public int Unit => _unit.Unit;

    /// <summary>Into how many parts the run was cut. It stays the same for the whole run, whatever is configured meanwhile.</summary>
    public int Units => Run.Units;

    /// <summary>How far whoever had the unit last has come; null at the beginning.</summary>
    public string? Progress { get; private set; }

    /// <summary>True from the second try on: a worker before this one may have done part of it.</summary>
    public bool IsRepeat => _unit.Tries > 1;

    /// <summary>Does a part of the work in one transaction with the record that it is done. Either both stand or neither.</summary>
    /// <exception cref="JobFencedException">The unit is somebody else's now: nothing was written.</exception>
    public async Task<JobStep> StepAsync(Func<TContext, Task<JobStep>> work, CancellationToken cancellationToken)
    {
        var step = await _database.WriteAsync(
            async db =>
            {
                // First, so that whoever wants to take the unit over waits for this transaction, and finds the lease renewed.
                await HoldAsync(db, cancellationToken);
                var done = await work(db);
                await db.Database.ExecuteSqlAsync(
                    $"""
                     UPDATE job_units SET progress = {done.Progress}, done = done + {done.Done}, due_at = {LeaseEnd()}
                     WHERE run_id = {Run.Id} AND unit = {Unit}
                     """,
                    cancellationToken);
                return done;
            },
            cancellationToken);
        Progress = step.Progress;
        CrashPoint.Hit(CrashPoint.AfterJobStep);
        return step;
    }

    /// <summary>Renews the lease. The worker does so by itself while a unit is worked on.</summary>
    /// <exception cref="JobFencedException">The unit is somebody else's now.</exception>
    public Task RenewAsync(CancellationToken cancellationToken) => _database.WriteAsync(db => HoldAsync(db, cancellationToken), cancellationToken);

    private long LeaseEnd() => (_clock.GetUtcNow() + _lease).ToUnixTimeMilliseconds();

    private async Task HoldAsync(TContext db, CancellationToken cancellationToken)
    {
        var held = await db.Database.ExecuteSqlAsync(
            $"""
             UPDATE job_units SET due_at = {LeaseEnd()}
             WHERE run_id = {Run.Id} AND unit = {Unit} AND epoch = {_unit.Epoch} AND state = {(int)JobUnitState.Running}
             """,
            cancellationToken);
        if (held != 1)
        {
            throw new JobFencedException(Run.FireId, Unit);
        }
    }
}

/// <summary>What one step did.</summary>
/// <param name="Done">How much, in whatever the job counts.</param>
/// <param name="Progress">Where to go on from.</param>
public sealed record JobStep(long Done, string? Progress = null);
