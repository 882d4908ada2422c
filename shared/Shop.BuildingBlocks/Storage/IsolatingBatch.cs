using Microsoft.Extensions.Logging;

namespace Shop.BuildingBlocks.Storage;

/// <summary>Works on a batch as one; repeats it where it met another transaction, and halves it where it failed, until the culprit is alone.</summary>
/// <remarks>An outage blames nobody and is thrown to the caller, who repeats.</remarks>
public sealed partial class IsolatingBatch(TimeProvider clock, ILogger logger)
{
    private const int MaxConflicts = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <param name="work">Does all of the items in one transaction, or nothing.</param>
    /// <param name="giveUp">Takes an item that failed alone, <paramref name="triesAlone"/> times.</param>
    public async Task RunAsync<T>(
        IReadOnlyList<T> items,
        int triesAlone,
        Func<IReadOnlyList<T>, Task> work,
        Func<T, Exception, Task> giveUp,
        CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await work(items);
                return;
            }
            catch (Exception exception) when (exception.IsConflict() && attempt < MaxConflicts)
            {
                Log.Repeated(logger, items.Count, exception.Message);
            }
            catch (Exception exception) when (!exception.IsTransient())
            {
                if (items.Count > 1)
                {
                    Log.Halved(logger, items.Count, exception);
                    var half = items.Count / 2;
                    await RunAsync([.. items.Take(half)], triesAlone, work, giveUp, cancellationToken);
                    await RunAsync([.. items.Skip(half)], triesAlone, work, giveUp, cancellationToken);
                    return;
                }

                if (attempt >= triesAlone)
                {
                    await giveUp(items[0], exception);
                    return;
                }
            }

            await Task.Delay(Pause * attempt, clock, cancellationToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "A batch of {Count} met another transaction and is repeated: {Reason}")]
        public static partial void Repeated(ILogger logger, int count, string reason);

        [LoggerMessage(LogLevel.Warning, "A batch of {Count} failed and is halved")]
        public static partial void Halved(ILogger logger, int count, Exception exception);
    }
}
