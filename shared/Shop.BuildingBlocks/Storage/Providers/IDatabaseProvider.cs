using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace Shop.BuildingBlocks.Storage;

/// <summary>What differs between the databases that the shop runs on, and nothing else.</summary>
internal interface IDatabaseProvider
{
    /// <summary>Names the database in messages, without secrets.</summary>
    string Name { get; }

    /// <summary>True where other processes write to the same database: rows must then be claimed before they are worked on.</summary>
    bool IsShared { get; }

    void Configure(DbContextOptionsBuilder options);

    /// <summary>Waits for the turn to write; the turn ends with the result's disposal.</summary>
    ValueTask<IDisposable> EnterWriteAsync(CancellationToken cancellationToken);

    /// <summary>Starts a transaction whose queries all see one state, and which blocks no writer.</summary>
    ValueTask<DbTransaction> BeginSnapshotAsync(DbConnection connection, CancellationToken cancellationToken);

    /// <summary>Makes the database fit for use, before anything is read from it.</summary>
    Task PrepareAsync(DbContext db, CancellationToken cancellationToken);

    /// <summary>Lets one process at a time migrate; held until the transaction ends.</summary>
    Task LockMigrationsAsync(DbContext db, CancellationToken cancellationToken);

    /// <summary>Turns a migration, written for PostgreSQL, into this database's SQL.</summary>
    string Translate(string sql);
}
