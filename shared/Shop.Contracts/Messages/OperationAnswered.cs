using System.Text.Json.Serialization;

namespace Shop.Contracts.Messages;

/// <summary>What a participant recorded for one operation of one order. Every repeat of the command is answered with this same record.</summary>
/// <param name="Service">Who answers (<see cref="ServiceNames"/>).</param>
/// <param name="Operation">One of <see cref="OperationNames"/>.</param>
/// <param name="Reason">Why it was refused, as a slug; null when done.</param>
/// <param name="At">When the effect was recorded, by the participant's clock.</param>
public sealed record OperationAnswered(
    long OrderId, string Service, string Operation, OperationOutcome Outcome, string? Reason, DateTimeOffset At) : OrderMessage(OrderId);

/// <summary>Done: the effect stands. Refused: there is no effect and never will be.</summary>
/// <remarks>There is no third member: an outcome that is not known is the absence of an answer.</remarks>
[JsonConverter(typeof(JsonStringEnumConverter<OperationOutcome>))]
public enum OperationOutcome
{
    Done = 1,
    Refused = 2,
}

/// <summary>The operations that participants implement, each once, whatever protocol asks for it.</summary>
public static class OperationNames
{
    public const string Reserve = "reserve";
    public const string Take = "take";
    public const string Release = "release";
    public const string Charge = "charge";
    public const string Refund = "refund";
    public const string Authorize = "authorize";
    public const string Capture = "capture";
    public const string Void = "void";

    // What is asked of a prepared transaction is no operation of the business and stands in no operations table.
    public const string Prepare = "prepare";
    public const string Commit = "commit";
    public const string RollBack = "rollback";

    // What is corrected by hand is recorded under the kind of correction and the difference that it settles.
    public const string CorrectRelease = "correct-release";
    public const string CorrectVoid = "correct-void";
    public const string CorrectRefund = "correct-refund";
    public const string CorrectCharge = "correct-charge";
    public const string CorrectSurplus = "correct-surplus";

    /// <summary>The name under which one correction is recorded.</summary>
    public static string Of(string correction, string difference) => $"{correction}:{difference}";
}

/// <summary>Why an operation was refused or an order did not go through: slugs that reach the caller.</summary>
public static class Reasons
{
    public const string OutOfStock = "out-of-stock";
    public const string PaymentDeclined = "payment-declined";

    /// <summary>An operator has closed the customer's wallet.</summary>
    public const string WalletClosed = "wallet-closed";

    public const string Timeout = "timeout";
    public const string Customer = "customer";

    /// <summary>An operator gave the order up.</summary>
    public const string Operator = "operator";

    /// <summary>A try that arrived after its cancel (the tombstone was there first). Never seen by callers.</summary>
    public const string CancelledBefore = "cancelled-before";

    /// <summary>A command that would begin something for an order so old that its records may be gone. Never seen by callers.</summary>
    public const string TooLate = "too-late";

    /// <summary>A take of something that is not reserved. Never sent by a correct coordinator.</summary>
    public const string NotReserved = "not-reserved";

    /// <summary>A capture of something that is not authorized. Never sent by a correct coordinator.</summary>
    public const string NotAuthorized = "not-authorized";

    /// <summary>A commit of something that is not prepared. Never sent by a correct coordinator.</summary>
    public const string NotPrepared = "not-prepared";

    /// <summary>A correction of something that is not as it was when the difference was found. Only operators see it.</summary>
    public const string Changed = "changed";
}
