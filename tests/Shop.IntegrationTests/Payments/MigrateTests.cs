using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Shop.Contracts;
using Shop.IntegrationTests.Support;
using Shop.Payments;
using Shop.ServiceDefaults;

namespace Shop.IntegrationTests.Payments;

/// <summary>The job that goes before a deployment, with its settings in files as a container platform hands them out.</summary>
public sealed class MigrateTests
{
    [Fact]
    public async Task The_job_makes_the_schema_and_ends_and_a_repeat_finds_it_done()
    {
        using var directory = new TempDirectory();
        var database = Path.Combine(directory.Path, "payments.db");
        var secrets = Secrets(directory, ("Database__Path", database));

        Assert.Equal(0, await RunAsync(secrets));
        Assert.Contains("wallets", await TablesAsync(database));
        Assert.Equal(0, await RunAsync(secrets));
    }

    [Fact]
    public async Task A_database_that_cannot_be_used_ends_the_job_with_1()
    {
        using var directory = new TempDirectory();
        var noDatabase = Path.Combine(directory.Path, "payments.db");
        await File.WriteAllTextAsync(noDatabase, string.Concat(Enumerable.Repeat("this is no database. ", 100)));

        Assert.Equal(1, await RunAsync(Secrets(directory, ("Database__Path", noDatabase))));
    }

    [Fact]
    public async Task A_job_that_was_told_no_database_ends_with_1()
    {
        using var directory = new TempDirectory();

        Assert.Equal(1, await RunAsync(Secrets(directory)));
    }

    [Fact]
    public void A_directory_of_secrets_that_is_missing_ends_the_start()
    {
        using var directory = new TempDirectory();

        Assert.Throws<DirectoryNotFoundException>(() => Build(Path.Combine(directory.Path, "missing")));
    }

    // The job gets nothing but what it needs: no keys, no queue, no port.
    private static Task<int> RunAsync(string secrets) => Build(secrets).RunOrMigrateAsync([MigrateCommand.Switch]);

    private static WebApplication Build(string secrets)
    {
        var builder = WebApplication.CreateBuilder([$"--Secrets:Directory={secrets}"]);
        builder.AddServiceDefaults(ServiceNames.Payments);
        builder.AddPayments();
        return builder.Build();
    }

    private static string Secrets(TempDirectory directory, params (string Key, string Value)[] files)
    {
        var secrets = Directory.CreateDirectory(Path.Combine(directory.Path, "secrets")).FullName;
        foreach (var (key, value) in files)
        {
            File.WriteAllText(Path.Combine(secrets, key), value);
        }

        return secrets;
    }

    private static async Task<List<string>> TablesAsync(string database)
    {
        await using var connection = new SqliteConnection($"Data Source={database};Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT name FROM sqlite_master WHERE type = 'table'";
        await using var reader = await command.ExecuteReaderAsync();
        var tables = new List<string>();
        while (await reader.ReadAsync())
        {
            tables.Add(reader.GetString(0));
        }

        return tables;
    }
}
