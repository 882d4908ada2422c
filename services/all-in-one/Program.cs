using System.CommandLine;
using Shop.AllInOne;

var data = new Option<string>("--data") { Description = "Directory of the databases.", DefaultValueFactory = _ => ".shop" };
var port = new Option<int>("--port") { Description = "Port of the gateway; the services take the next three.", DefaultValueFactory = _ => 8080 };
var reset = new Option<bool>("--reset") { Description = "Delete all data first." };
port.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() is < 1 or > 65532)
    {
        result.AddError("--port must be from 1 to 65532.");
    }
});

var command = new RootCommand("The whole shop in one process: gateway, ordering, inventory and payments on embedded databases.") { data, port, reset };
command.SetAction((arguments, cancellationToken) => Runner.RunAsync(
    new EmbeddedOptions(arguments.GetRequiredValue(data), arguments.GetRequiredValue(port), arguments.GetRequiredValue(reset)), cancellationToken));

// Ctrl+C is the runner's own: requests in flight may take as long as they need.
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
