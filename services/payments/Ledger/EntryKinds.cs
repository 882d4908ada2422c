namespace Shop.Payments.Ledger;

/// <summary>Why money moved.</summary>
internal static class EntryKinds
{
    public const string Welcome = "welcome";
    public const string Deposit = "deposit";
    public const string Charge = "charge";
    public const string Authorization = "authorization";
    public const string Capture = "capture";
    public const string Void = "void";
    public const string Refund = "refund";

    /// <summary>The statement of a business day: its revenue, moved to where it is settled.</summary>
    public const string Settlement = "settlement";

    /// <summary>What was wrong is put right by another entry, never by changing one.</summary>
    public const string Correction = "correction";
}
