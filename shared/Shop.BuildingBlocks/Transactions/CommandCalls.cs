using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Shop.BuildingBlocks.Faults;
using Shop.BuildingBlocks.Messaging;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts.Messages;

namespace Shop.BuildingBlocks.Transactions;

/// <summary>Carries out commands that come by a call and not by an envelope: those of all calls that wait in one transaction, a branch of two-phase
/// commit by itself.</summary>
/// <remarks>What fails gets no answer, and the caller must not take that for a refusal. Calls share a transaction and nothing else: what fails
/// together is repeated by each call alone.</remarks>
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

    // To wait longer for a row would hold a turn, and with it the calls that want other rows. Both together leave a caller time to repeat alone.
    private const string ShortLockWait = "SET LOCAL lock_timeout = 300";

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(800);

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
            var call = new Call(rest);
            await _combiner.RunAsync(call, (together, _) => TryTogetherAsync(together), cancellationToken);
            if (call.Answers is null)
            {
                await UnlessBusyAsync(() => ApplyAloneAsync(rest, answers, cancellationToken), rest.Count);
            }

            answers.AddRange(call.Answers ?? []);
        }

        return answers;
    }

    // A row that somebody has locked, a command that cannot be carried out, a connection that breaks: none of it may become the failure of the calls
    // that came along, so each repeats by itself, and whatever was done already is found recorded. Its own deadline, because the caller
    // whose turn it is may leave while the others wait.
    private async Task TryTogetherAsync(IReadOnlyList<Call> together)
    {
        using var deadline = new CancellationTokenSource(Patience, clock);
        try
        {
            var operations = await database.WriteAsync(
                async db =>
                {
                    if (database.IsShared)
                    {
                        await db.Database.ExecuteSqlRawAsync(ShortLockWait, deadline.Token);
                    }

                    return await participant.ApplyAsync(db, [.. together.SelectMany(call => call.Commands)], deadline.Token);
                },
                deadline.Token);
            CrashPoint.Hit(CrashPoint.AfterCall);
            var answers = new Queue<OperationAnswered>(operations.Select(o => o.AnswerFrom(participant.Service)));
            foreach (var call in together)
            {
                call.Answers = [.. call.Commands.Select(_ => answers.Dequeue())];
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Log.Apart(logger, together.Count, exception.Message);
        }
    }

    private Task ApplyAloneAsync(IReadOnlyList<OrderMessage> commands, List<OperationAnswered> answers, CancellationToken cancellationToken)
    {
        return new IsolatingBatch(clock, logger).RunAsync(commands, triesAlone: 1, ApplyBatchAsync, NoAnswer, cancellationToken);

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

    private sealed class Call(IReadOnlyList<OrderMessage> commands)
    {
        public IReadOnlyList<OrderMessage> Commands => commands;

        /// <summary>To each command; null where nothing is known.</summary>
        public IReadOnlyList<OperationAnswered>? Answers { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "{Count} commands are not answered, because others have locked their rows: {Reason}")]
        public static partial void Busy(ILogger logger, int count, string reason);

        [LoggerMessage(LogLevel.Information, "The commands of {Count} calls were not carried out together, and are repeated call by call: {Reason}")]
        public static partial void Apart(ILogger logger, int count, string reason);

        [LoggerMessage(LogLevel.Error, "{Command} for order {OrderId} failed and is not answered")]
        public static partial void Failed(ILogger logger, string command, long orderId, Exception exception);
    }
}
