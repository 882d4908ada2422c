using Shop.Contracts.Messages;

namespace Shop.BuildingBlocks.Transactions;

/// <summary>What a participant recorded for one operation of one order, in the transaction of its effect: inbox and barrier in one.</summary>
/// <remarks>Source of the idea: the sub-transaction barrier of dtm, here answering a repeat with the recorded outcome.</remarks>
public sealed class Operation(long orderId, string name, OperationOutcome outcome, string? reason, DateTimeOffset at)
{
    public long OrderId { get; private set; } = orderId;

    public string Name { get; private set; } = name;

    public OperationOutcome Outcome { get; private set; } = outcome;

    public string? Reason { get; private set; } = reason;

    public DateTimeOffset At { get; private set; } = at;

    public OperationAnswered AnswerFrom(string service) => new(OrderId, service, Name, Outcome, Reason, At);
}
