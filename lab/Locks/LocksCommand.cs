using System.CommandLine;
using Npgsql;
using Shop.BuildingBlocks.Locks;
using Shop.BuildingBlocks.Redis;
using Shop.Lab.Cluster;
using Shop.Lab.Cluster.Commands;
using Spectre.Console;

namespace Shop.Lab.Locks;

/// <summary><c>locks</c>: what a lock costs with each backend, on the running cluster and in one run.</summary>
internal static class LocksCommand
{
    private const int MostRounds = 10_000;

    public static Command Create()
    {
        var directory = ClusterCommand.Directory();
        var rounds = new Option<int>("--rounds") { Description = "How often each lock is acquired and given back.", DefaultValueFactory = _ => 300 };
        rounds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > MostRounds)
            {
                result.AddError($"--rounds must be from 1 to {MostRounds}.");
            }
        });
        var command = new Command("locks", "Measure a lock and its release with each backend on the running cluster, as ratios to a bare SET NX.") { directory, rounds };
        command.SetAction((arguments, cancellationToken) => ClusterCommand.RunAsync(
            () => RunAsync(ShopCluster.Open(arguments.GetValue(directory)), arguments.GetRequiredValue(rounds), cancellationToken)));
        return command;
    }

    private static async Task<int> RunAsync(ShopCluster cluster, int rounds, CancellationToken cancellationToken)
    {
        try
        {
            var measured = await LocksRun.RunAsync(cluster.Connections, rounds, cancellationToken);
            AnsiConsole.Write(LocksReport.Of(measured));
            return 0;
        }
        catch (Exception exception) when (exception is LockUnavailableException or RedisUnavailableException or NpgsqlException)
        {
            throw new ClusterException(exception.Message, exception);
        }
    }
}
