using System.CommandLine;
using Shop.Lab.Cluster.Commands;
using Shop.Lab.Load;
using Shop.Lab.Locks;
using Shop.Lab.Protocols;
using Shop.Lab.Queues;
using Shop.Lab.Seed;
using Spectre.Console;

if (Console.IsOutputRedirected)
{
    // For a program that reads it: no colours, and no line broken at the 80th column.
    AnsiConsole.Profile.Capabilities.Ansi = false;
    AnsiConsole.Profile.Width = 200;
}

// After Ctrl+C a command may take its time to clean up: "cluster up" ends what it has started.
return await new RootCommand("Starts the shop on real servers, loads it, and checks what it promises.")
    {
        ClusterCommand.Create(), SeedCommand.Create(), LoadCommand.Create(), ProtocolsCommand.Create(), QueuesCommand.Create(), LocksCommand.Create(),
    }
    .Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
