using System.CommandLine;
using System.Globalization;
using Shop.Lab.Cluster.Links;
using Shop.Lab.Faults;
using Spectre.Console;

namespace Shop.Lab.Cluster.Commands;

/// <summary>What can be done to the links of a cluster that was started with <c>--links</c>.</summary>
internal static class LinkCommands
{
    private const string Direction = "there (requests), back (answers) or both.";

    public static IEnumerable<Command> All() => [Cut(), Hole(), Delay(), Limit(), CutAfter(), Heal(), List(), Run()];

    private static Command Cut() => OnLink("cut", "Reset the connections of a link and refuse new ones.", (link, _, token) => link.CutAsync(token));

    private static Command Hole()
    {
        var way = WayOption(Way.Both);
        return OnLink(
            "hole", "Let a link swallow everything, and tell nobody.",
            (link, arguments, token) => link.BlackHoleAsync(arguments.GetRequiredValue(way), token), way);
    }

    private static Command Delay()
    {
        var latency = Number("--ms", "Milliseconds that every byte takes longer.", 100);
        var jitter = Number("--jitter", "Up to so many milliseconds more, another number each time.", 0);
        var way = WayOption(Way.Both);
        return OnLink(
            "delay", "Make a link slow to answer.",
            (link, arguments, token) => link.DelayAsync(
                TimeSpan.FromMilliseconds(arguments.GetRequiredValue(latency)), TimeSpan.FromMilliseconds(arguments.GetRequiredValue(jitter)), arguments.GetRequiredValue(way), token),
            latency, jitter, way);
    }

    private static Command Limit()
    {
        var rate = Number("--bytes-per-second", "What passes in a second.", 10_000, least: 1);
        var way = WayOption(Way.Both);
        return OnLink(
            "limit", "Make a link narrow.",
            (link, arguments, token) => link.LimitAsync(arguments.GetRequiredValue(rate), arguments.GetRequiredValue(way), token), rate, way);
    }

    private static Command CutAfter()
    {
        var bytes = Number("--bytes", "What passes on each connection before it is reset.", 0);
        var way = WayOption(Way.Back);
        return OnLink(
            "cut-after", "Reset a connection in the middle of an answer: what was asked for has happened, and the caller is not told.",
            (link, arguments, token) => link.CutAfterAsync(arguments.GetRequiredValue(bytes), arguments.GetRequiredValue(way), token), bytes, way);
    }

    private static Command Heal() => OnLink("heal", "Let a link be as it should; without names, all links.", (link, _, token) => link.HealAsync(token), namesAreOptional: true, []);

    private static Command List()
    {
        var directory = ClusterCommand.Directory();
        var command = new Command("links", "Show every link that is disturbed; exit code 0 when none is.") { directory };
        command.SetAction((arguments, cancellationToken) => ClusterCommand.RunAsync(async () =>
        {
            var link = ShopCluster.Open(arguments.GetValue(directory)).Link(LinkPlan.Everybody, LinkPlan.Everybody);
            var disturbed = (await link.StatusAsync(cancellationToken)).Where(status => status.Faults != LinkFaults.None).ToList();
            foreach (var (spec, faults) in disturbed)
            {
                AnsiConsole.WriteLine($"{spec}: {Describe(faults)}");
            }

            AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{disturbed.Count} of {link.Links.Count} links are disturbed."));
            return disturbed.Count == 0 ? 0 : 1;
        }));
        return command;
    }

    // Started by the cluster itself, and ended like its other processes.
    private static Command Run()
    {
        var directory = ClusterCommand.Directory();
        var command = new Command(LinkProcess.Command, "Run the links.") { directory };
        command.Hidden = true;
        command.SetAction((arguments, cancellationToken) => ClusterCommand.RunAsync(async () =>
        {
            var cluster = ShopCluster.Open(arguments.GetValue(directory));
            var clock = TimeProvider.System;
            await using var server = new LinkServer(
                cluster.Connections.Links, cluster.Connections.Ports.LinkControl, cluster.Secrets.OperatorKey, clock,
                line => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clock.GetUtcNow():HH:mm:ss.fff} {line}")));
            await server.RunAsync(cancellationToken);
            return 0;
        }));
        return command;
    }

    private static Command OnLink(string name, string description, Func<Link, ParseResult, CancellationToken, Task> action, params Option[] options) =>
        OnLink(name, description, action, namesAreOptional: false, options);

    private static Command OnLink(
        string name, string description, Func<Link, ParseResult, CancellationToken, Task> action, bool namesAreOptional, Option[] options)
    {
        var directory = ClusterCommand.Directory();
        var from = new Argument<string>("from") { Description = "Who connects: a process, a service for all of its replicas, or all." };
        var to = new Argument<string>("to") { Description = "To whom, in the same words." };
        if (namesAreOptional)
        {
            from.DefaultValueFactory = to.DefaultValueFactory = _ => LinkPlan.Everybody;
        }

        var command = new Command(name, description) { from, to, directory };
        foreach (var option in options)
        {
            command.Add(option);
        }

        command.SetAction((arguments, cancellationToken) => ClusterCommand.RunAsync(async () =>
        {
            await action(
                ShopCluster.Open(arguments.GetValue(directory)).Link(arguments.GetRequiredValue(from), arguments.GetRequiredValue(to)), arguments, cancellationToken);
            return 0;
        }));
        return command;
    }

    private static Option<Way> WayOption(Way normally) => new("--way") { Description = $"Which bytes: {Direction}", DefaultValueFactory = _ => normally };

    private static Option<int> Number(string name, string description, int normally, int least = 0)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => normally };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < least)
            {
                result.AddError($"{name} must be at least {least}.");
            }
        });
        return option;
    }

    private static string Describe(LinkFaults faults) => faults.Cut ? "cut" : string.Join(", ", Parts("there", faults.There).Concat(Parts("back", faults.Back)));

    private static IEnumerable<string> Parts(string way, Toxics toxics)
    {
        if (toxics.Swallow)
        {
            yield return $"{way} nothing arrives";
        }

        if (toxics.Latency > TimeSpan.Zero || toxics.Jitter > TimeSpan.Zero)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{way} {toxics.Latency.TotalMilliseconds} to {(toxics.Latency + toxics.Jitter).TotalMilliseconds} ms late");
        }

        if (toxics.BytesPerSecond is { } rate)
        {
            yield return $"{way} {rate} bytes a second";
        }

        if (toxics.CutAfter is { } bytes)
        {
            yield return $"{way} reset after {bytes} bytes";
        }
    }
}
