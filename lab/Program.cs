using System.CommandLine;
using Shop.Lab.Cluster.Commands;
using Shop.Lab.Load;

// After Ctrl+C a command may take its time to clean up: "cluster up" ends what it has started.
return await new RootCommand("Starts the shop on real servers, loads it, and checks what it promises.") { ClusterCommand.Create(), LoadCommand.Create() }
    .Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
