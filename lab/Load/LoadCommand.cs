using System.CommandLine;
using Spectre.Console;

namespace Shop.Lab.Load;

/// <summary><c>load</c>: concurrent customers order as fast as they are answered; then everything must come to an end, and add up.</summary>
internal static class LoadCommand
{
    public static Command Create()
    {
        var url = Address("--url", "The gateway.", "http://localhost:8080");
        var clients = Number("--clients", "Concurrent customers, each with one request in flight.", 32, 10_000);
        var seconds = Number("--seconds", "How long they order.", 10, 86_400);
        var lines = Number("--lines", "Lines per order.", 1, 50);
        var seed = Number("--seed", "Which articles they choose.", 1, int.MaxValue);
        var operatorKey = new Option<FileInfo?>("--operator-key") { Description = "File with the operator key, to check the invariants at the end." };
        var ordering = Address("--ordering", "Ordering's own address, for the invariants.", "http://127.0.0.1:8081");

        var command = new Command("load", "Measure orders per second, accepted and confirmed, and check the invariants.")
        {
            url, clients, seconds, lines, seed, operatorKey, ordering,
        };
        command.SetAction((arguments, cancellationToken) => RunAsync(
            new LoadOptions(
                arguments.GetRequiredValue(url),
                arguments.GetRequiredValue(clients),
                TimeSpan.FromSeconds(arguments.GetRequiredValue(seconds)),
                arguments.GetRequiredValue(lines),
                arguments.GetRequiredValue(seed),
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

    private static Option<Uri> Address(string name, string description, string defaultValue) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => new Uri(defaultValue),

        // The library knows how to read numbers and files, but no addresses.
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens.Single().Value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
            {
                return address;
            }

            result.AddError($"{name} must be an absolute http address.");
            return null;
        },
    };

    private static Option<int> Number(string name, string description, int defaultValue, int max)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => defaultValue };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is var value && (value < 1 || value > max))
            {
                result.AddError($"{name} must be from 1 to {max}.");
            }
        });
        return option;
    }
}
