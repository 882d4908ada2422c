namespace Shop.Ordering.Reconciliation;

/// <summary>What can be done about a difference. The names are stored.</summary>
internal static class CorrectionKinds
{
    public const string Release = "release";
    public const string Void = "void";
    public const string Refund = "refund";
    public const string Charge = "charge";
    public const string ReturnSurplus = "return-surplus";

    /// <summary>The order is undone the way its protocol undoes it.</summary>
    public const string UndoOrder = "undo-order";

    /// <summary>The order's current step is sent again.</summary>
    public const string RetryOrder = "retry-order";
    public const string RequeueLetter = "requeue-letter";
}
