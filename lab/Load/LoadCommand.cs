using System.CommandLine;
using Shop.Lab.Seed;
using Spectre.Console;

namespace Shop.Lab.Load;

/// <summary><c>load</c>: concurrent customers order as fast as they are answered; then everything must come to an end, and add up.</summary>
internal static class LoadCommand
{
    public static Command Create()
    {
        var url = Arguments.Address("--url", "The gateway.", "http://localhost:8080");
        var clients = Arguments.Number("--clients", "Concurrent customers, each with one request in flight.", 32, 10_000);
        var seconds = Arguments.Number("--seconds", "How long they order.", 10, 86_400);
        var lines = Arguments.Number("--lines", "Lines per order.", 1, 50);
        var seed = Arguments.Number("--seed", "Which articles they choose.", 1, int.MaxValue);
        var operatorKey = new Option<FileInfo?>("--operator-key") { Description = "File with the operator key, to check the invariants at the end." };
        var customers = new Option<string?>("--customers") { Description = "Order as the customers that 'seed --prefix' made, instead of new ones." };
        var password = new Option<string>("--password") { Description = "Their password.", DefaultValueFactory = _ => SeedOptions.DefaultPassword };
        var ordering = Arguments.Address("--ordering", "Ordering's own address, for the invariants.", "http://127.0.0.1:8081");

        var command = new Command("load", "Measure orders per second, accepted and confirmed, and check the invariants.")
        {
            url, clients, seconds, lines, seed, customers, password, operatorKey, ordering,
        };
        command.SetAction((arguments, cancellationToken) => RunAsync(
            new LoadOptions(
                arguments.GetRequiredValue(url),
                arguments.GetRequiredValue(clients),
                TimeSpan.FromSeconds(arguments.GetRequiredValue(seconds)),
                arguments.GetRequiredValue(lines),
                arguments.GetRequiredValue(seed),
                arguments.GetValue(customers),
                arguments.GetRequiredValue(password),
                arguments.GetValue(operatorKey),
                arguments.GetRequiredValue(ordering)),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(LoadOptions options, CancellationToken cancellationToken)
    {
        try
        {
            var result = await new LoadRun(options).RunAsync(text => AnsiConsole.MarkupLineInterpolated($"[grey]{text}[/]"), cancellationToken);
            result.Print();
            return result.Holds ? 0 : 1;
        }
        catch (Exception exception) when (exception is HttpRequestException or LoadException or IOException)
        {
            await Console.Error.WriteLineAsync($"load: {exception.Message}");
            return 2;
        }
    }
}
