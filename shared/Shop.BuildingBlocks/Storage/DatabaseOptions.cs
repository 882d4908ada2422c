using System.ComponentModel.DataAnnotations;

namespace Shop.BuildingBlocks.Storage;

/// <summary>Where a service keeps its data.</summary>
public sealed class DatabaseOptions : IValidatableObject
{
    public const string Section = "Database";

    public DatabaseProvider Provider { get; set; } = DatabaseProvider.Sqlite;

    /// <summary>The SQLite file. Its directory must exist; one process at a time owns it.</summary>
    public string Path { get; set; } = "";

    /// <summary>How to reach PostgreSQL, with user and password.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>PostgreSQL: a transaction that is silent for so long is ended with its session: a process that is paused must not hold its rows for ever.
    /// Longer than the relay, which holds rows meanwhile, waits for a confirm.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "00:10:00")]
    public TimeSpan MaxIdleInTransaction { get; set; } = TimeSpan.FromSeconds(10);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Provider is DatabaseProvider.Sqlite && Path.Length == 0)
        {
            yield return new ValidationResult($"{Section}:{nameof(Path)} must name a file.");
        }

        if (Provider is DatabaseProvider.Postgres && ConnectionString.Length == 0)
        {
            yield return new ValidationResult($"{Section}:{nameof(ConnectionString)} must be set.");
        }
    }
}

/// <summary>The databases that the shop runs on.</summary>
public enum DatabaseProvider
{
    /// <summary>A file, owned by one process: the embedded default.</summary>
    Sqlite,

    /// <summary>A server, shared by the replicas of a service.</summary>
    Postgres,
}
