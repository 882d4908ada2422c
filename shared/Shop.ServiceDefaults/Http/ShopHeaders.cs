namespace Shop.ServiceDefaults;

/// <summary>The header names that the shop's processes use among themselves and towards callers.</summary>
/// <remarks>A header proves nothing by its name: the gateway drops what callers send, and services verify what arrives.</remarks>
public static class ShopHeaders
{
    public const string Prefix = "Shop-";
    public const string TraceId = "Shop-Trace-Id";
    public const string Instance = "Shop-Instance";
    public const string Identity = "Shop-Identity";
    public const string Fingerprint = "Shop-Fingerprint";
    public const string ServiceKey = "Shop-Service-Key";
    public const string OperatorKey = "Shop-Operator-Key";
    public const string Operator = "Shop-Operator";
    public const string Deadline = "Shop-Deadline";
    public const string IdempotencyKey = "Idempotency-Key";
    public const string IdempotentReplayed = "Idempotent-Replayed";
    public const string Prefer = "Prefer";
    public const string PreferenceApplied = "Preference-Applied";
}
