using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Jobs;
using Shop.BuildingBlocks.Storage;

namespace Shop.ServiceDefaults;

/// <summary>What an operator sees of a service's scheduled jobs and alarms, and does about them.</summary>
/// <remarks>Any replica answers for all: what is said here stands in their database.</remarks>
public static class JobEndpoints
{
    public static void MapJobs<TContext>(this IEndpointRouteBuilder routes) where TContext : ShopDbContext
    {
        var jobs = routes.MapGroup("/ops/jobs").RequireOperatorKey();
        jobs.MapGet("/", ListAsync<TContext>);
        jobs.MapGet("/{name}/runs", HistoryAsync<TContext>);
        jobs.MapPost("/{name}/run", RunAsync<TContext>);
        jobs.MapPost("/{name}/pause", PauseAsync<TContext>);
        jobs.MapPost("/{name}/resume", ResumeAsync<TContext>);
        routes.MapGet("/ops/alarms", AlarmsAsync<TContext>).RequireOperatorKey();
    }

    internal static async Task<Ok<IReadOnlyList<JobView>>> ListAsync<TContext>(
        JobCatalogue<TContext> catalogue, Database<TContext> database, TimeProvider clock, CancellationToken cancellationToken)
        where TContext : ShopDbContext
    {
        var views = new List<JobView>();
        foreach (var job in catalogue.Definitions)
        {
            views.Add(await database.ReadAsync(db => ViewAsync(db, job, clock.GetUtcNow(), cancellationToken), cancellationToken));
        }

        return TypedResults.Ok<IReadOnlyList<JobView>>(views);
    }

    /// <summary>Newest first.</summary>
    internal static async Task<IResult> HistoryAsync<TContext>(
        string name, PageRequest page, JobCatalogue<TContext> catalogue, Database<TContext> database, CancellationToken cancellationToken)
        where TContext : ShopDbContext
    {
        if (catalogue.Find(name) is null)
        {
            return Problems.NotFound();
        }

        var before = page.AfterNumber() ?? long.MaxValue;
        var views = await database.ReadAsync(
            async db =>
            {
                var runs = await db.JobRuns.Where(r => r.Job == name && r.Id < before).OrderByDescending(r => r.Id).Take(page.Take).ToListAsync(cancellationToken);
                var ids = runs.Select(r => r.Id).ToList();
                var units = await db.JobUnits.Where(u => ids.Contains(u.RunId)).OrderBy(u => u.Unit).ToListAsync(cancellationToken);
                return runs.Select(r => JobRunView.Of(r) with { Parts = [.. units.Where(u => u.RunId == r.Id).Select(JobUnitView.Of)] }).ToList();
            },
            cancellationToken);
        return Page.Ok(views, page, r => Cursor.From(long.Parse(r.Id, CultureInfo.InvariantCulture)));
    }

    /// <summary>Opens a run now, also of a job that is paused: the schedule is paused, not the operator.</summary>
    internal static async Task<IResult> RunAsync<TContext>(
        string name, OperatorName who, JobCatalogue<TContext> catalogue, JobStore<TContext> store, CancellationToken cancellationToken)
        where TContext : ShopDbContext =>
        catalogue.Find(name) is not { } job ? Problems.NotFound()
            : await store.RunNowAsync(job, who.Value, cancellationToken) is { } run ? TypedResults.Accepted($"/ops/jobs/{name}/runs", JobRunView.Of(run))
            : Problems.Of(ProblemCatalogue.JobRunning);

    internal static Task<IResult> PauseAsync<TContext>(
        string name,
        OperatorName who,
        JobCatalogue<TContext> catalogue,
        JobStore<TContext> store,
        Database<TContext> database,
        TimeProvider clock,
        CancellationToken cancellationToken)
        where TContext : ShopDbContext =>
        ChangeAsync(name, catalogue, database, clock, job => store.PauseAsync(job, who.Value, cancellationToken), cancellationToken);

    /// <summary>What was missed is made up for at once, where the job's policy says so.</summary>
    internal static Task<IResult> ResumeAsync<TContext>(
        string name,
        OperatorName who,
        JobCatalogue<TContext> catalogue,
        JobStore<TContext> store,
        Database<TContext> database,
        TimeProvider clock,
        CancellationToken cancellationToken)
        where TContext : ShopDbContext =>
        ChangeAsync(name, catalogue, database, clock, job => store.ResumeAsync(job, who.Value, cancellationToken), cancellationToken);

    /// <summary>Newest first; with <c>?open=true</c> only those that are not over.</summary>
    internal static async Task<PageResult<AlarmView>> AlarmsAsync<TContext>(
        PageRequest page, Database<TContext> database, bool? open, CancellationToken cancellationToken)
        where TContext : ShopDbContext
    {
        var before = page.AfterNumber() ?? long.MaxValue;
        var alarms = await database.ReadAsync(
            db => db.Alarms
                .Where(a => a.Id < before && (open != true || a.ResolvedAt == null))
                .OrderByDescending(a => a.Id)
                .Take(page.Take)
                .ToListAsync(cancellationToken),
            cancellationToken);
        return Page.Ok([.. alarms.Select(AlarmView.Of)], page, a => Cursor.From(long.Parse(a.Id, CultureInfo.InvariantCulture)));
    }

    private static async Task<IResult> ChangeAsync<TContext>(
        string name,
        JobCatalogue<TContext> catalogue,
        Database<TContext> database,
        TimeProvider clock,
        Func<JobDefinition, Task> change,
        CancellationToken cancellationToken)
        where TContext : ShopDbContext
    {
        if (catalogue.Find(name) is not { } job)
        {
            return Problems.NotFound();
        }

        await change(job);
        return TypedResults.Ok(await database.ReadAsync(db => ViewAsync(db, job, clock.GetUtcNow(), cancellationToken), cancellationToken));
    }

    private static async Task<JobView> ViewAsync<TContext>(TContext db, JobDefinition job, DateTimeOffset now, CancellationToken cancellationToken)
        where TContext : ShopDbContext
    {
        var row = await db.Jobs.SingleAsync(j => j.Name == job.Name, cancellationToken);
        var last = await db.JobRuns.Where(r => r.Job == job.Name).OrderByDescending(r => r.Id).FirstOrDefaultAsync(cancellationToken);
        var failures = await db.JobRuns.CountAsync(r => r.Job == job.Name && r.State == JobRunState.Failed, cancellationToken);
        return new JobView(
            job.Name,
            job.What,
            job.Cron,
            job.Units,
            job.Misfire,
            "skip",
            job.Timeout,
            job.Tries,
            job.RetryAfter,
            job.LateAfter,
            row.PausedAt,
            row.PausedBy,
            row.PausedAt is null ? JobCatalogue<TContext>.NextAfter(job, now) : null,
            last is null ? null : JobRunView.Of(last),
            failures);
    }
}
