using Npgsql;
using Shop.IntegrationTests.Cluster;
using Shop.IntegrationTests.Support;
using Shop.Lab.Cluster;

namespace Shop.IntegrationTests.Storage;

/// <summary>A real PostgreSQL alone, with a database for each test that asks.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private readonly TempDirectory _directory = new();
    private int _databases;

    internal ShopCluster Cluster { get; private set; } = null!;

    public async Task InitializeAsync() => Cluster = await Servers.UpAsync(_directory.Path, ClusterParts.Postgres);

    public async Task DisposeAsync()
    {
        // Not there when the start failed; then it has cleaned up by itself.
        if (Cluster is not null)
        {
            NpgsqlConnection.ClearAllPools();
            await Cluster.DownAsync();
        }

        Assert.Empty(Servers.Left(_directory.Path));
        _directory.Dispose();
    }

    /// <summary>An empty database that only this test knows; the result is how to reach it.</summary>
    internal async Task<string> CreateDatabaseAsync()
    {
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync(ConnectionString("postgres"), $"CREATE DATABASE {name}");
        return ConnectionString(name);
    }

    internal static async Task ExecuteAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Each row as text, its columns separated by spaces.</summary>
    internal static async Task<IReadOnlyList<string>> QueryAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(string.Join(' ', Enumerable.Range(0, reader.FieldCount).Select(reader.GetValue)));
        }

        return rows;
    }

    private string ConnectionString(string name) =>
        $"Host=127.0.0.1;Port={Cluster.Connections.Ports.Postgres};Database={name};Username=postgres;Password={Cluster.Secrets.PostgresSuperuser}";
}
