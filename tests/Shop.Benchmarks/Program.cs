using System.CommandLine;
using Shop.Benchmarks;
using Spectre.Console;

if (Console.IsOutputRedirected)
{
    // For a program that reads it: no colours, and no line broken at the 80th column.
    AnsiConsole.Profile.Capabilities.Ansi = false;
    AnsiConsole.Profile.Width = 250;
}

// After Ctrl+C the suite may take its time to end what it has started.
return await BenchCommands.Create(args).Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
