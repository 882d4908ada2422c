using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Shop.BuildingBlocks.Alarms;
using Shop.BuildingBlocks.Audit;
using Shop.BuildingBlocks.Jobs;
using Shop.BuildingBlocks.Leadership;
using Shop.BuildingBlocks.Messaging;
using Shop.Contracts.Messages;

namespace Shop.BuildingBlocks.Storage;

/// <summary>A service's database: its own tables plus outbox, dead letters, jobs, alarms and the audit trail. Messages given to <see cref="Send"/> commit with the change.</summary>
/// <remarks>Nothing is sent if the transaction rolls back. Used through <see cref="Database{TContext}"/>, which commits and wakes the relay.</remarks>
public abstract class ShopDbContext : DbContext
{
    private readonly List<(string Destination, Message Message)> _outgoing = [];
    private readonly List<Action> _onCommitted = [];

    /// <summary>Creates a context; what fails in it is rolled back as a whole.</summary>
    // Nobody would go back to a savepoint, and each costs two round trips: without them the client of a small transaction computes a quarter less.
    protected ShopDbContext(DbContextOptions options)
        : base(options) => Database.AutoSavepointsEnabled = false;

    /// <summary>Envelopes that wait for the relay.</summary>
    public DbSet<OutboxRow> Outbox => Set<OutboxRow>();

    /// <summary>Messages that this service could not handle.</summary>
    public DbSet<DeadLetter> DeadLetters => Set<DeadLetter>();

    /// <summary>What was done by hand; written by <see cref="AuditTrail"/>.</summary>
    public DbSet<AuditEntry> Audit => Set<AuditEntry>();

    /// <summary>The newest epoch of each duty that a leader has; written by the election.</summary>
    public DbSet<DutyEpoch> DutyEpochs => Set<DutyEpoch>();

    /// <summary>What all nodes know of the scheduled jobs.</summary>
    public DbSet<JobRow> Jobs => Set<JobRow>();

    public DbSet<JobRun> JobRuns => Set<JobRun>();

    public DbSet<JobUnit> JobUnits => Set<JobUnit>();

    /// <summary>Written by <see cref="AlarmBook"/>.</summary>
    public DbSet<Alarm> Alarms => Set<Alarm>();

    /// <summary>Sends <paramref name="message"/> if and when this transaction commits.</summary>
    public void Send(string destination, Message message) => _outgoing.Add((destination, message));

    /// <summary>Runs <paramref name="action"/> after the commit, in this process only: for wake-ups and caches, never for effects.</summary>
    public void OnCommitted(Action action) => _onCommitted.Add(action);

    /// <summary>Contexts are pooled, because a new one costs more than most queries, a tenth of what the services computed: whoever gets this one next finds nothing of the last.</summary>
    public override ValueTask DisposeAsync()
    {
        _outgoing.Clear();
        _onCommitted.Clear();
        return base.DisposeAsync();
    }

    internal IReadOnlyList<(string Destination, Message Message)> Outgoing => _outgoing;

    internal IReadOnlyList<Action> CommittedActions => _onCommitted;

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        // SQLite cannot order by DateTimeOffset; milliseconds sort everywhere.
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UnixMilliseconds>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<OutboxRow>(row =>
        {
            row.ToTable("outbox");
            row.HasKey(r => new { r.Destination, r.Id });
        });
        modelBuilder.Entity<DeadLetter>(letter =>
        {
            letter.ToTable("dead_letters");
            letter.HasKey(l => l.Id);
        });
        modelBuilder.Entity<AuditEntry>(entry =>
        {
            entry.ToTable("audit");
            entry.HasKey(e => e.Id);
        });
        modelBuilder.Entity<DutyEpoch>(epoch =>
        {
            epoch.ToTable("duty_epochs");
            epoch.HasKey(e => e.Duty);
        });
        modelBuilder.Entity<JobRow>(job =>
        {
            job.ToTable("jobs");
            job.HasKey(j => j.Name);
        });
        modelBuilder.Entity<JobRun>(run =>
        {
            run.ToTable("job_runs");
            run.HasKey(r => r.Id);
        });
        modelBuilder.Entity<JobUnit>(unit =>
        {
            unit.ToTable("job_units");
            unit.HasKey(u => new { u.RunId, u.Unit });
        });
        modelBuilder.Entity<Alarm>(alarm =>
        {
            alarm.ToTable("alarms");
            alarm.HasKey(a => a.Id);
        });
    }

    /// <summary>Names every column in snake_case and leaves keys to the application. Call it last in OnModelCreating.</summary>
    protected static void UseShopConventions(ModelBuilder modelBuilder)
    {
        foreach (var entity in modelBuilder.Model.GetEntityTypes())
        {
            foreach (var property in entity.GetProperties())
            {
                property.SetColumnName(SnakeCase(property.Name));
                property.ValueGenerated = Microsoft.EntityFrameworkCore.Metadata.ValueGenerated.Never;
            }
        }
    }

    private static string SnakeCase(string name)
    {
        var result = new StringBuilder(name.Length + 8);
        foreach (var character in name)
        {
            if (char.IsUpper(character) && result.Length > 0)
            {
                result.Append('_');
            }

            result.Append(char.ToLowerInvariant(character));
        }

        return result.ToString();
    }

    private sealed class UnixMilliseconds() : ValueConverter<DateTimeOffset, long>(
        time => time.ToUnixTimeMilliseconds(), milliseconds => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
}
