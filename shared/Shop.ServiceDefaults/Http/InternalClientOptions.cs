namespace Shop.ServiceDefaults;

/// <summary>How this process calls the other services.</summary>
/// <remarks>A timeout is an unknown outcome, not a refusal: whoever calls must be able to repeat.</remarks>
public sealed class InternalClientOptions
{
    public const string Section = "InternalClients";

    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(2);
}
