using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Faults;
using Shop.BuildingBlocks.Messaging;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts;
using Shop.Contracts.Messages;
using Shop.Ordering.Checkout;
using Shop.Ordering.Invariants;
using Shop.Ordering.Orders;
using Shop.Ordering.Storage;
using Shop.ServiceDefaults;

namespace Shop.Ordering.Reconciliation;

/// <summary>Carries out a correction that was approved, and records what came of it.</summary>
/// <remarks>
/// It may be tried any number of times: stock and money are corrected by an operation that is recorded under the difference's id, and an order is
/// moved in the transaction that records it. No answer means that the outcome is unknown: the difference stays approved until it is.
/// </remarks>
internal sealed class Corrector(
    Differences differences,
    IFacts facts,
    Checkouts checkouts,
    OrderWatch watch,
    EnvelopeReceiver<OrderingDbContext> receiver,
    IHttpClientFactory http,
    TimeProvider clock)
{
    /// <exception cref="Exception">It is unknown whether it happened; transient.</exception>
    public async Task<Difference> ApplyAsync(Difference difference, CancellationToken cancellationToken)
    {
        if (difference.Correction is CorrectionKinds.UndoOrder or CorrectionKinds.RetryOrder)
        {
            return await FinishAsync(difference, (db, found) => MoveOrderAsync(db, found, cancellationToken), after: null, cancellationToken);
        }

        var refusal = difference.Correction is CorrectionKinds.RequeueLetter
            ? await RequeueAsync(difference, cancellationToken)
            : await CallAsync(difference, cancellationToken);
        CrashPoint.Hit(CrashPoint.AfterCorrection);
        var after = long.TryParse(difference.Subject, out var orderId) ? await FactJoin.LookAgainAsync(facts, orderId, cancellationToken) : null;
        return await FinishAsync(difference, (_, found) => Task.FromResult(found.TryFinish(refusal)), after, cancellationToken);
    }

    private async Task<Difference> FinishAsync(
        Difference difference, Func<OrderingDbContext, Difference, Task<bool>> finish, object? after, CancellationToken cancellationToken)
    {
        var (finished, _) = await differences.MoveAsync(
            difference.Id, difference.DecidedBy ?? Reconciler.Itself, "carried-out", finish, after, cancellationToken);
        return finished!;
    }

    private async Task<bool> MoveOrderAsync(OrderingDbContext db, Difference difference, CancellationToken cancellationToken)
    {
        if (difference.State is not DifferenceState.Approved)
        {
            return false;
        }

        var id = OrderIdOf(difference);
        var order = await db.Orders.Where(o => o.Id == id).ForUpdate().SingleOrDefaultAsync(cancellationToken);
        if (order is null || CommandsOf(difference, order) is not { } commands)
        {
            return difference.TryFinish(Reasons.Changed);
        }

        order.Record(clock.GetStorageTime(), ServiceNames.Ordering, "order", difference.Correction, difference.Id);
        await checkouts.SendAsync(db, [new Checkouts.Move(order, commands)], cancellationToken);
        db.OnCommitted(() => watch.Publish([order]));
        return difference.TryFinish(refusal: null);
    }

    private OrderMessage[]? CommandsOf(Difference difference, Order order)
    {
        var protocol = checkouts.Of(order);
        var now = clock.GetStorageTime();
        return difference.Correction is CorrectionKinds.RetryOrder ? order.IsFinal ? null : protocol.Retry(order, now)
            : order.Status is OrderStatus.Confirmed ? protocol.Cancel(order, now)
            : protocol.ForceStop(order, now);
    }

    /// <returns>Why it was refused; null when it is done.</returns>
    private async Task<string?> CallAsync(Difference difference, CancellationToken cancellationToken)
    {
        var orderId = OrderIdOf(difference);
        (string Service, OrderMessage Command) call = difference.Correction switch
        {
            CorrectionKinds.Release => (ServiceNames.Inventory, new CorrectRelease(orderId, difference.Id)),
            CorrectionKinds.Void => (ServiceNames.Payments, new CorrectVoid(orderId, difference.Id)),
            CorrectionKinds.Refund => (ServiceNames.Payments, new CorrectRefund(orderId, difference.Id)),
            CorrectionKinds.Charge => (ServiceNames.Payments, new CorrectCharge(orderId, difference.Id, difference.CustomerId!.Value, difference.AmountOwed)),
            CorrectionKinds.ReturnSurplus =>
                (ServiceNames.Payments, new CorrectSurplus(orderId, difference.Id, difference.CustomerId!.Value, difference.AmountOwed)),
            _ => throw new InvalidOperationException($"{difference.Id} asks for {difference.Correction}."),
        };

        using var client = http.CreateClient(call.Service);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/internal/commands");
        request.Content = new StringContent(MessageCodec.EncodeOne(call.Command), Encoding.UTF8, "application/json");
        using var response = await client.SendAsync(request.MarkIdempotent(), cancellationToken);
        var answers = await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<List<OperationAnswered>>(cancellationToken);
        return answers is [var answer]
            ? answer.Outcome is OperationOutcome.Done ? null : answer.Reason ?? ""
            : throw new HttpRequestException($"{call.Service} could not correct {difference.Id}.");
    }

    private async Task<string?> RequeueAsync(Difference difference, CancellationToken cancellationToken)
    {
        var (service, letter) = difference.Subject.Split('.', 2) is [var s, var l] ? (s, l) : throw new InvalidOperationException($"{difference.Id} is about no letter.");
        if (service is ServiceNames.Ordering)
        {
            return (await receiver.RequeueAsync(letter, cancellationToken)).FailedAgain is { } failed ? failed.Error : null;
        }

        using var client = http.CreateClient(service);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/internal/dead-letters/{letter}/requeue");
        using var response = await client.SendAsync(request.MarkIdempotent(), cancellationToken);
        return response.StatusCode is HttpStatusCode.NotFound ? null // it is gone, and that was what was wanted
            : response.EnsureSuccessStatusCode().StatusCode is HttpStatusCode.Accepted ? "it could not be handled this time either"
            : null;
    }

    private static long OrderIdOf(Difference difference) => long.Parse(difference.Subject, System.Globalization.CultureInfo.InvariantCulture);
}
