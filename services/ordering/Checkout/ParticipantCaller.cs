using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Faults;
using Shop.BuildingBlocks.Messaging;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts.Messages;
using Shop.Ordering.Storage;
using Shop.ServiceDefaults;

namespace Shop.Ordering.Checkout;

/// <summary>Calls the participants of the protocols that work by calls: all orders that wait, in one request to each service, both services at
/// once; what they answer moves the orders in one transaction.</summary>
/// <remarks>No answer means that the outcome is unknown, whatever the reason: the order is called again when its time comes, perhaps by another
/// replica, and the participants answer with what they recorded. With so many orders in a request tcc needs less than the saga: 1.2 times its orders in a second.</remarks>
internal sealed partial class ParticipantCaller(
    CallQueue queue,
    Checkouts checkouts,
    Database<OrderingDbContext> database,
    IHttpClientFactory http,
    IOptions<CheckoutOptions> options,
    TimeProvider clock,
    ILogger<ParticipantCaller> logger) : BackgroundService
{
    // Below what a service takes as the body of a request.
    private const int MaxBodyChars = 24 * 1024;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        Enumerable.Range(0, options.Value.Callers).Select(_ => RunAsync(queue.Batched, options.Value.MaxCallBatch, stoppingToken))
            .Concat(
                from lane in queue.OneByOne
                from caller in Enumerable.Range(0, options.Value.BranchCallers)
                select RunAsync(lane, 1, stoppingToken)));

    private async Task RunAsync(CallQueue.Lane lane, int most, CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RoundAsync(lane, await lane.TakeAsync(most, stoppingToken), stoppingToken);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                if (stoppingToken.IsCancellationRequested)
                {
                    return;
                }

                Log.NotRecorded(logger, exception);
            }
        }
    }

    private async Task RoundAsync(CallQueue.Lane lane, IReadOnlyList<CallQueue.Call> calls, CancellationToken stoppingToken)
    {
        List<OperationAnswered> answers;
        try
        {
            var byService =
                from call in calls
                from command in call.Commands
                from destination in Checkouts.DestinationsOf(command)
                group command by destination;
            answers = [.. (await Task.WhenAll(byService.Select(g => CallAsync(g.Key, [.. g], stoppingToken)))).SelectMany(a => a)];
        }
        finally
        {
            // Before the answers are applied: what follows from them is queued again.
            lane.Done(calls);
        }

        if (answers.Count > 0)
        {
            CrashPoint.Hit(CrashPoint.AfterAnswers);
            await new IsolatingBatch(clock, logger).RunAsync(
                answers,
                triesAlone: 1,
                part => database.WriteAsync(db => checkouts.AnswerAsync(db, part, CancellationToken.None), CancellationToken.None),
                (answer, exception) =>
                {
                    Log.NotMoved(logger, answer.OrderId, exception);
                    return Task.CompletedTask;
                },
                CancellationToken.None);
        }
    }

    private async Task<IEnumerable<OperationAnswered>> CallAsync(string service, IReadOnlyList<OrderMessage> commands, CancellationToken cancellationToken)
    {
        var answers = new List<OperationAnswered>(commands.Count);
        foreach (var body in Pack(commands))
        {
            try
            {
                using var client = http.CreateClient(service);
                using var request = new HttpRequestMessage(HttpMethod.Post, "/internal/commands");
                request.Content = new StringContent(body, Encoding.UTF8, "application/json");
                using var response = await client.SendAsync(request.MarkIdempotent(), cancellationToken);
                answers.AddRange((await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<List<OperationAnswered>>(cancellationToken))!);
            }
            catch (Exception exception) when (exception is HttpRequestException or TimeoutException or JsonException or IOException or TaskCanceledException)
            {
                Log.NoAnswer(logger, service, commands.Count, exception.Message);
                break;
            }
        }

        return answers;
    }

    private static IEnumerable<string> Pack(IReadOnlyList<OrderMessage> commands)
    {
        var body = new StringBuilder();
        foreach (var command in commands)
        {
            var one = MessageCodec.EncodeOne(command);
            if (body.Length > 0 && body.Length + one.Length > MaxBodyChars)
            {
                yield return body.Append(']').ToString();
                body.Clear();
            }

            body.Append(body.Length == 0 ? '[' : ',').Append(one, 1, one.Length - 2);
        }

        yield return body.Append(']').ToString();
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{Service} did not answer a call with {Count} commands: {Reason}")]
        public static partial void NoAnswer(ILogger logger, string service, int count, string reason);

        [LoggerMessage(LogLevel.Error, "What participants have answered was not recorded; they are called again")]
        public static partial void NotRecorded(ILogger logger, Exception exception);

        [LoggerMessage(LogLevel.Error, "Order {OrderId} could not be moved by an answer; its data are not what they should be")]
        public static partial void NotMoved(ILogger logger, long orderId, Exception exception);
    }
}
