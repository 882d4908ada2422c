using System.Data.Common;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Storage;

namespace Shop.ServiceDefaults;

/// <summary>Runs a service, or, when told <c>--migrate</c>, brings its database to this version and ends: a job that goes before a deployment.</summary>
/// <remarks>A service migrates at its start too, so the job may be left out; with it a schema that does not fit stops the deployment, not a replica.</remarks>
public static class MigrateCommand
{
    public const string Switch = "--migrate";

    private const int Failed = 1;

    /// <summary>The exit code. A job that cannot do its work says so in one line.</summary>
    public static async Task<int> RunOrMigrateAsync(this WebApplication app, string[] args)
    {
        if (!args.Contains(Switch))
        {
            await app.RunAsync();
            return 0;
        }

        await using (app)
        {
            return await MigrateAsync(app.Services);
        }
    }

    private static async Task<int> MigrateAsync(IServiceProvider services)
    {
        var service = services.GetRequiredService<ServiceInfo>().Name;
        try
        {
            await services.GetRequiredService<Migration>().ApplyAsync(CancellationToken.None);
            Console.WriteLine($"{service}: the database has the schema of this version");
            return 0;
        }
        catch (Exception exception) when (exception is DbException or DatabaseUnusableException or OptionsValidationException)
        {
            await Console.Error.WriteLineAsync($"{service}: {exception.Message.ReplaceLineEndings(" ")}");
            return Failed;
        }
    }
}
