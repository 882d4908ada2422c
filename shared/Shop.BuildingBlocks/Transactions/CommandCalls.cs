using Microsoft.Extensions.Logging;
using Shop.BuildingBlocks.Faults;
using Shop.BuildingBlocks.Messaging;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts.Messages;

namespace Shop.BuildingBlocks.Transactions;

/// <summary>Carries out commands that come by a call and not by an envelope: a batch in one transaction, a branch of two-phase commit by itself.</summary>
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

        List<OrderMessage> batch = [.. commands.Where(c => c is not (PrepareBranch or CommitBranch or RollBackBranch))];
        if (batch.Count > 0)
        {
            await UnlessBusyAsync(() => new IsolatingBatch(clock, logger).RunAsync(batch, triesAlone: 1, ApplyBatchAsync, NoAnswer, cancellationToken), batch.Count);
        }

        return answers;

        async Task ApplyBatchAsync(IReadOnlyList<OrderMessage> part)
        {
            var operations = await database.WriteAsync(db => participant.ApplyAsync(db, part, cancellationToken), cancellationToken);
            CrashPoint.Hit(CrashPoint.AfterCall);
            answers.AddRange(operations.Select(o => o.AnswerFrom(participant.Service)));
        }

        Task NoAnswer(OrderMessage culprit, Exception exception)
        {
            Log.Failed(logger, culprit.GetType().Name, culprit.OrderId, exception);
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

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "{Count} commands are not answered, because others have locked their rows: {Reason}")]
        public static partial void Busy(ILogger logger, int count, string reason);

        [LoggerMessage(LogLevel.Error, "{Command} for order {OrderId} failed and is not answered")]
        public static partial void Failed(ILogger logger, string command, long orderId, Exception exception);
    }
}
