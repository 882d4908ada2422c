using System.CommandLine;
using Shop.Lab.Cluster;
using Shop.Lab.Cluster.Commands;
using Shop.Lab.Load;
using Spectre.Console;

namespace Shop.Lab.Protocols;

/// <summary><c>protocols</c>: the four checkouts on the running cluster, one after the other in the same run, and what each costs.</summary>
internal static class ProtocolsCommand
{
    public static Command Create()
    {
        var directory = ClusterCommand.Directory();
        var seconds = Seconds("--seconds", "How long each combination is measured.", 4);
        var cut = Seconds("--cut", "How long payments is cut off.", 10);
        var page = new Option<FileInfo?>("--page") { Description = "A page whose table between the two marks is written anew, such as docs/protocols.md." };
        var command = new Command("protocols", "Measure the four checkouts on the running cluster, as ratios to the saga.") { directory, seconds, cut, page };
        command.SetAction((arguments, cancellationToken) => ClusterCommand.RunAsync(() => RunAsync(
            new ProtocolsOptions(
                arguments.GetValue(directory),
                TimeSpan.FromSeconds(arguments.GetRequiredValue(seconds)),
                TimeSpan.FromSeconds(arguments.GetRequiredValue(cut)),
                arguments.GetValue(page)),
            cancellationToken)));
        return command;
    }

    private static async Task<int> RunAsync(ProtocolsOptions options, CancellationToken cancellationToken)
    {
        if (options.Page is { Exists: false })
        {
            throw new ClusterException($"there is no page '{options.Page}'");
        }

        try
        {
            var run = new ProtocolsRun(ShopCluster.Open(options.Directory), options);
            var report = await run.RunAsync(text => AnsiConsole.MarkupLineInterpolated($"[grey]{text}[/]"), cancellationToken);
            Console.WriteLine(report.Markdown());
            if (options.Page is { } file)
            {
                await report.WriteAsync(file, cancellationToken);
            }

            return 0;
        }
        catch (Exception exception) when (exception is HttpRequestException or LoadException or IOException)
        {
            throw new ClusterException(exception.Message, exception);
        }
    }

    private static Option<int> Seconds(string name, string description, int defaultValue)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => defaultValue };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 600)
            {
                result.AddError($"{name} must be from 1 to 600.");
            }
        });
        return option;
    }
}
