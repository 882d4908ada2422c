namespace Shop.Contracts;

/// <summary>The scheduled jobs of all services: a setting for a job that only another service has is no mistake.</summary>
public static class JobNames
{
    public const string CleanUp = "clean-up";
    public const string OverdueOrders = "overdue-orders";
    public const string Reconciliation = "reconciliation";
    public const string Settlement = "settlement";

    public static readonly IReadOnlyList<string> All = [CleanUp, OverdueOrders, Reconciliation, Settlement];
}
