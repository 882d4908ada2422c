using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Faults;
using Shop.BuildingBlocks.Storage;
using Shop.Ordering.Storage;

namespace Shop.Ordering.Intake;

/// <summary>Takes the unique index on the Idempotency-Key away where its guard is off.</summary>
/// <remarks>It does not come back: the keys may not be unique any more. Such a database is for the lab.</remarks>
internal sealed class RequestKeyIndex(Database<OrderingDbContext> database, IOptions<GuardOptions> guards) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => guards.Value.Idempotency
        ? Task.CompletedTask
        : database.WriteAsync(db => db.Database.ExecuteSqlAsync($"DROP INDEX IF EXISTS orders_request_key", cancellationToken), cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
