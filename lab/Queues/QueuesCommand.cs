using System.CommandLine;
using Shop.Lab.Cluster.Commands;

namespace Shop.Lab.Queues;

/// <summary><c>queues</c>: the shop's transport on classic and on quorum queues, side by side on one RabbitMQ node.</summary>
internal static class QueuesCommand
{
    public static Command Create()
    {
        var port = Number("--port", "The first of the 100 ports that the measurement may use.", 23_000);
        var rounds = Number("--rounds", "Rounds of each kind, in turn.", 5);
        var envelopes = Number("--envelopes", "Envelopes in each round.", 3_000);
        var messages = Number("--messages", "Messages in each envelope.", 8);
        var senders = Number("--senders", "Envelopes on their way at a time: the shop's lanes, each of which waits for its confirm.", 4);

        var command = new Command("queues", "Measure classic against quorum queues, through the shop's own transport.")
        {
            port, rounds, envelopes, messages, senders,
        };
        command.SetAction((arguments, cancellationToken) => ClusterCommand.RunAsync(async () =>
        {
            var options = new QueuesOptions(
                arguments.GetRequiredValue(port),
                arguments.GetRequiredValue(rounds),
                arguments.GetRequiredValue(envelopes),
                arguments.GetRequiredValue(messages),
                arguments.GetRequiredValue(senders));
            (await new QueuesRun(options).RunAsync(cancellationToken)).Print();
            return 0;
        }));
        return command;
    }

    private static Option<int> Number(string name, string description, int defaultValue)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => defaultValue };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError($"{name} must be at least 1.");
            }
        });
        return option;
    }
}
