namespace Shop.Contracts;

/// <summary>The names under which the four processes are addressed, traced and discovered.</summary>
public static class ServiceNames
{
    public const string Gateway = "gateway";
    public const string Ordering = "ordering";
    public const string Inventory = "inventory";
    public const string Payments = "payments";
}
