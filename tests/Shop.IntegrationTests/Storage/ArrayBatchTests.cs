using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shop.BuildingBlocks.Messaging;
using Shop.BuildingBlocks.Storage;
using Shop.IntegrationTests.Discovery;
using static Shop.IntegrationTests.Storage.PostgresFixture;

namespace Shop.IntegrationTests.Storage;

/// <summary>Rows are written by the statement; what stands in the table is what EF Core was told, value by value.</summary>
[Collection(PostgresCollection.Name)]
public sealed class ArrayBatchTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const int Count = 300;

    private string _connection = "";
    private IHost _host = null!;

    private Database<ThingsDbContext> Database => _host.Services.GetRequiredService<Database<ThingsDbContext>>();

    public async Task InitializeAsync()
    {
        _connection = await postgres.CreateDatabaseAsync();
        await ExecuteAsync(_connection, """
            CREATE TABLE things (id BIGINT PRIMARY KEY, name TEXT UNIQUE, kind INTEGER NOT NULL, flag BOOLEAN NOT NULL, at BIGINT, maybe INTEGER, price_amount BIGINT NOT NULL)
            """);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Database:Provider"] = nameof(DatabaseProvider.Postgres),
            ["Database:ConnectionString"] = _connection,
            ["Snowflake:WorkerId"] = "1",
        });
        builder.AddDatabase<ThingsDbContext>();
        builder.Services.AddSingleton<ITransport, LoopbackTransport>();
        builder.AddMessaging<ThingsDbContext, Deaf>("things");
        _host = builder.Build();
        await _host.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    [Fact]
    public async Task New_changed_and_removed_rows_of_every_shape_are_as_they_were_tracked()
    {
        var expected = Enumerable.Range(1, Count).ToDictionary(id => (long)id, Thing.Of);
        await Database.WriteAsync(
            db =>
            {
                db.AddRange(expected.Values);
                return Task.CompletedTask;
            },
            CancellationToken.None);
        await AssertTableAsync(expected);

        // Some change one column, some another, some both, some are removed, and others are new.
        await Database.WriteAsync(
            async db =>
            {
                var rows = await db.Things.OrderBy(thing => thing.Id).ToListAsync();
                foreach (var row in rows)
                {
                    row.Change(row.Id % 4);
                }

                db.RemoveRange(rows.Where(row => row.Id % 5 == 0));
                db.AddRange(Enumerable.Range(Count + 1, 20).Select(Thing.Of));
            },
            CancellationToken.None);

        foreach (var thing in expected.Values)
        {
            thing.Change(thing.Id % 4);
        }

        await AssertTableAsync(expected.Values.Where(thing => thing.Id % 5 != 0).Concat(Enumerable.Range(Count + 1, 20).Select(Thing.Of)).ToDictionary(thing => thing.Id));
    }

    [Fact]
    public async Task A_row_that_is_taken_fails_all_of_them_and_is_a_conflict()
    {
        await AddAsync(Thing.Of(7));

        var exception = await Assert.ThrowsAsync<DbUpdateException>(() => AddAsync(Thing.Of(6), Thing.Of(7), Thing.Of(8)));

        Assert.True(exception.IsConflict());
        await AssertTableAsync(new Dictionary<long, Thing> { [7] = Thing.Of(7) });
    }

    [Fact]
    public async Task A_row_that_is_gone_is_not_written_silently()
    {
        await AddAsync(Thing.Of(1), Thing.Of(2), Thing.Of(3));

        await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => Database.WriteAsync(
            async db =>
            {
                foreach (var row in await db.Things.ToListAsync())
                {
                    row.Change(2);
                }

                await db.Things.Where(thing => thing.Id == 2).ExecuteDeleteAsync();
            },
            CancellationToken.None));

        await AssertTableAsync(Enumerable.Range(1, 3).ToDictionary(id => (long)id, Thing.Of));
    }

    [Fact]
    public async Task A_change_finds_its_row_by_the_key_also_where_the_database_does_not_know_yet_how_many_there_are()
    {
        const string Scans = "SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'things'";
        await AddAsync([.. Enumerable.Range(1, Count).Select(Thing.Of)]);
        await SeenAsync("n_tup_ins", Count);
        var before = await QueryAsync(_connection, Scans);

        // Often enough for the plan that is kept.
        for (var time = 0; time < 20; time++)
        {
            await Database.WriteAsync(
                async db =>
                {
                    long[] ids = [.. Enumerable.Range(1 + (10 * time), 10)];
                    await db.Things.Where(thing => ids.Contains(thing.Id)).ForEachAsync(thing => thing.Change(2));
                },
                CancellationToken.None);
        }

        await SeenAsync("n_tup_upd", 200);
        Assert.Equal(before, await QueryAsync(_connection, Scans));
    }

    // What a connection has done is counted up to a second later.
    private Task SeenAsync(string counter, int count) => Eventually.TrueAsync(async () =>
        await QueryAsync(_connection, $"SELECT {counter} FROM pg_stat_user_tables WHERE relname = 'things'") is [var seen] && seen == $"{count}");

    private Task AddAsync(params Thing[] things) => Database.WriteAsync(
        db =>
        {
            db.AddRange(things.AsEnumerable());
            return Task.CompletedTask;
        },
        CancellationToken.None);

    private async Task AssertTableAsync(IReadOnlyDictionary<long, Thing> expected) => Assert.Equal(
        expected.Values.OrderBy(thing => thing.Id).Select(thing => thing.Columns()),
        await QueryAsync(_connection, """
            SELECT id, COALESCE(name, '-'), kind, flag::int, COALESCE(at::text, '-'), COALESCE(maybe::text, '-'), price_amount FROM things ORDER BY id
            """));

    private enum Kind
    {
        Small = 1,
        Large = 2,
    }

    private sealed class Thing
    {
        public long Id { get; private set; }

        public string? Name { get; private set; }

        public Kind Kind { get; private set; }

        public bool Flag { get; private set; }

        public DateTimeOffset? At { get; private set; }

        public int? Maybe { get; private set; }

        public Price Price { get; private set; } = new(0);

        public static Thing Of(int id) => new()
        {
            Id = id,
            Name = id % 3 == 0 ? null : $"thing {{\"{id}\", NULL}} \\ '",
            Kind = id % 2 == 0 ? Kind.Large : Kind.Small,
            Flag = id % 7 == 0,
            At = id % 4 == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(id * 1_000_000_000L),
            Maybe = id % 6 == 0 ? id : null,
            Price = new(id * 10L),
        };

        public void Change(long how)
        {
            // As many columns either way, and not the same ones.
            Flag ^= how is 1 && Id % 8 == 1;
            Kind = (how is 1 && Id % 8 != 1) || how is 3 ? Kind.Large : Kind;
            Name = how is 2 or 3 ? (Name is null ? $"named {Id}" : null) : Name;
            At = how is 3 ? null : At;
            Price = how is 2 ? new(-Id) : Price;
        }

        public string Columns() =>
            $"{Id} {Name ?? "-"} {(int)Kind} {(Flag ? 1 : 0)} {At?.ToUnixTimeMilliseconds().ToString() ?? "-"} {Maybe?.ToString() ?? "-"} {Price.Amount}";
    }

    private sealed record Price(long Amount);

    private sealed class ThingsDbContext(DbContextOptions<ThingsDbContext> options) : ShopDbContext(options)
    {
        public DbSet<Thing> Things => Set<Thing>();

        protected override void OnModelCreating(ModelBuilder modelBuilder)
        {
            base.OnModelCreating(modelBuilder);
            modelBuilder.Entity<Thing>(thing =>
            {
                thing.ToTable("things");
                thing.HasKey(t => t.Id);
                thing.ComplexProperty(t => t.Price, price => price.Property(p => p.Amount).HasColumnName("price_amount"));
            });
            UseShopConventions(modelBuilder);
        }
    }

    private sealed class Deaf : IEnvelopeHandler<ThingsDbContext>
    {
        public Task HandleAsync(ThingsDbContext db, IReadOnlyList<Shop.Contracts.Messages.Message> messages, CancellationToken cancellationToken) =>
            throw new NotSupportedException("Nobody writes to it.");
    }
}
