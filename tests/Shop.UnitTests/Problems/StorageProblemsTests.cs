using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Storage;
using Shop.Inventory;
using Shop.Ordering;
using Shop.Payments;
using Shop.ServiceDefaults;

namespace Shop.UnitTests.Problems;

public sealed class StorageProblemsTests
{
    private const int Busy = 5;
    private const int ReadOnly = 8;
    private const int Constraint = 19;

    public static TheoryData<Exception, int?> Errors => new()
    {
        { new SqliteException("busy", Busy), 503 },
        { new SqliteException("attempt to write a readonly database", ReadOnly), 503 },
        { new DbUpdateException("busy", new SqliteException("busy", Busy)), 503 },
        { new CommitOutcomeUnknownException(new InvalidOperationException()), 503 },
        { new ClockMovedBackwardsException(DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(1)), 503 },
        { new IdsUnavailableException("no worker id"), 503 },
        { new DbUpdateException("twice", new SqliteException("twice", Constraint)), null },

        // What Npgsql throws when a connection breaks just before a command uses it; any other disposed object is a bug.
        { new ObjectDisposedException("System.Threading.ManualResetEventSlim"), 503 },
        { new ObjectDisposedException("OrderingDbContext"), null },

        // Text that PostgreSQL cannot hold, wherever it came from.
        { new PostgresException("invalid byte sequence for encoding \"UTF8\": 0x00", "ERROR", "ERROR", "22021"), 400 },
        { new DbUpdateException("text", new PostgresException("invalid byte sequence", "ERROR", "ERROR", "22021")), 400 },

        // An IOException too, but the caller's fault.
        { new BadHttpRequestException("no such member", 400), 400 },
    };

    [Fact]
    public void Every_service_with_a_database_knows_them()
    {
        Action<WebApplicationBuilder>[] modules = [builder => builder.AddOrdering(), builder => builder.AddInventory(), builder => builder.AddPayments()];

        Assert.All(modules, add =>
        {
            var builder = WebApplication.CreateSlimBuilder();
            add(builder);
            using var services = builder.Services.BuildServiceProvider();
            Assert.Equal(503, new ExceptionMapper(services.GetRequiredService<IOptions<ProblemOptions>>()).Map(new SqliteException("busy", Busy))?.StatusCode);
        });
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public void Only_errors_of_the_database_that_pass_are_an_outage(Exception exception, int? status)
    {
        using var services = new ServiceCollection().AddStorageProblems().BuildServiceProvider();

        Assert.Equal(status, new ExceptionMapper(services.GetRequiredService<IOptions<ProblemOptions>>()).Map(exception)?.StatusCode);
    }
}
