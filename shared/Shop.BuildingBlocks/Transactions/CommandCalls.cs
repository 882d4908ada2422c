using Microsoft.Extensions.Logging;
using Shop.BuildingBlocks.Faults;
using Shop.BuildingBlocks.Messaging;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts.Messages;

namespace Shop.BuildingBlocks.Transactions;

/// <summary>Carries out commands that come by a call and not by an envelope: those of all calls that wait in one transaction, a branch of two-phase
/// commit by itself.</summary>
/// <remarks>What fails gets no answer, and the caller must not take that for a refusal.</remarks>
public sealed partial class CommandCalls<TContext>(
    Database<TContext> database,
    IParticipant<TContext> participant,
    XaBranches<TContext> branches,
    Traffic traffic,
    TimeProvider clock,
    ILogger<CommandCalls<TContext>> logger)
    where TContext : ShopDbContext
{
    // Few, so that calls which want the same rows meet here and not in the locks of the database.
    private const int Turns = 2;
    private const int MostCommands = 256;

    private readonly Combiner<Call> _combiner = new(Turns, MostCommands, call => call.Commands.Count, _ => "");

    public async Task<IReadOnlyList<OperationAnswered>> ApplyAsync(IReadOnlyList<OrderMessage> commands, CancellationToken cancellationToken)
    {
        traffic.Called(commands.Count);
        var answers = new List<OperationAnswered>(commands.Count);
        foreach (var command in commands)
        {
            var answer = command switch
            {
                PrepareBranch prepare => branches.PrepareAsync(prepare, cancellationToken),
                CommitBranch => branches.CommitAsync(command.OrderId, cancellationToken),
                RollBackBranch => branches.RollBackAsync(command.OrderId, cancellationToken),
                _ => null,
            };
            if (answer is not null)
            {
                await UnlessBusyAsync(async () => answers.Add(await answer), 1);
            }
        }

        List<OrderMessage> rest = [.. commands.Where(c => c is not (PrepareBranch or CommitBranch or RollBackBranch))];
        if (rest.Count > 0)
        {
            var call = new Call(rest, answers);
            await _combiner.RunAsync(call, (together, _) => ApplyAsync(together), cancellationToken);
        }

        return answers;
    }

    // Not cancelled with the caller whose turn it is: the others go on waiting.
    private Task ApplyAsync(IReadOnlyList<Call> together)
    {
        List<(Call Call, OrderMessage Command)> batch = [.. together.SelectMany(call => call.Commands.Select(command => (call, command)))];
        return UnlessBusyAsync(() => new IsolatingBatch(clock, logger).RunAsync(batch, triesAlone: 1, ApplyBatchAsync, NoAnswer, CancellationToken.None), batch.Count);

        async Task ApplyBatchAsync(IReadOnlyList<(Call Call, OrderMessage Command)> part)
        {
            var operations = await database.WriteAsync(
                db => participant.ApplyAsync(db, [.. part.Select(p => p.Command)], CancellationToken.None), CancellationToken.None);
            CrashPoint.Hit(CrashPoint.AfterCall);
            foreach (var ((call, _), operation) in part.Zip(operations))
            {
                call.Answers.Add(operation.AnswerFrom(participant.Service));
            }
        }

        Task NoAnswer((Call Call, OrderMessage Command) culprit, Exception exception)
        {
            Log.Failed(logger, culprit.Command.GetType().Name, culprit.Command.OrderId, exception);
            return Task.CompletedTask;
        }
    }

    // Rows that another order has locked are no failure of this replica. A caller that was refused for them would leave it alone for a while, and
    // send it none of the commits either that unlock those rows.
    private async Task UnlessBusyAsync(Func<Task> work, int commands)
    {
        try
        {
            await work();
        }
        catch (Exception exception) when (exception.IsContention())
        {
            Log.Busy(logger, commands, exception.Message);
        }
    }

    /// <param name="Answers">Filled as they become durable.</param>
    private sealed record Call(IReadOnlyList<OrderMessage> Commands, List<OperationAnswered> Answers);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "{Count} commands are not answered, because others have locked their rows: {Reason}")]
        public static partial void Busy(ILogger logger, int count, string reason);

        [LoggerMessage(LogLevel.Error, "{Command} for order {OrderId} failed and is not answered")]
        public static partial void Failed(ILogger logger, string command, long orderId, Exception exception);
    }
}
