using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Shop.Lab.Seed;

/// <summary><c>seed</c>: thousands of customers with a wallet and money in it, in seconds. Repeating it changes nothing.</summary>
internal static class SeedCommand
{
    private const int Failed = 2;

    public static Command Create()
    {
        var payments = Arguments.Address("--payments", "Payments' own address.", "http://127.0.0.1:8083");
        var customers = Arguments.Number("--customers", "How many, numbered from 1.", 1_000, 1_000_000);
        var prefix = new Option<string>("--prefix") { Description = "What their names begin with: PREFIX-1, PREFIX-2.", DefaultValueFactory = _ => SeedOptions.DefaultPrefix };
        var password = new Option<string>("--password") { Description = "The password of all of them.", DefaultValueFactory = _ => SeedOptions.DefaultPassword };
        var deposit = Arguments.Number("--deposit", "What each pays in, in cents.", SeedOptions.DefaultDeposit, SeedOptions.MaxDeposit);
        var operatorKey = new Option<FileInfo>("--operator-key") { Description = "File with the operator key.", Required = true };

        var command = new Command("seed", "Make customers for a load, each with a welcome balance and a deposit.")
        {
            payments, customers, prefix, password, deposit, operatorKey,
        };
        command.SetAction((arguments, cancellationToken) => RunAsync(
            new SeedOptions(
                arguments.GetRequiredValue(payments),
                arguments.GetRequiredValue(customers),
                arguments.GetRequiredValue(prefix),
                arguments.GetRequiredValue(password),
                arguments.GetRequiredValue(deposit),
                arguments.GetRequiredValue(operatorKey)),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(SeedOptions options, CancellationToken cancellationToken)
    {
        try
        {
            var began = Stopwatch.GetTimestamp();
            var (made, existing) = await new SeedRun(options).RunAsync(cancellationToken);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{options.Prefix}-1 to {options.Prefix}-{options.Customers}: {made} made, {existing} were there, in {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s; password: {options.Password}"));
            return 0;
        }
        catch (Exception exception) when (exception is HttpRequestException or SeedException or IOException or UnauthorizedAccessException or JsonException)
        {
            await Console.Error.WriteLineAsync($"seed: {exception.Message.ReplaceLineEndings(" ")}");
            return Failed;
        }
    }
}
