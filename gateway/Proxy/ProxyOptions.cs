using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Shop.Gateway.Proxy;

/// <summary>How requests go to the services; where the services are is in <c>Services:&lt;name&gt;</c>.</summary>
/// <remarks>What was sent is not retried here: only the caller knows whether its request may be repeated, and with which key.</remarks>
public sealed class ProxyOptions : IValidatableObject
{
    public const string Section = "Proxy";

    /// <summary>Unless stated: <c>PowerOfTwoChoices</c>, and with a registry <c>Weighted</c>, the same by weight.</summary>
    public string? LoadBalancingPolicy { get; set; }

    /// <summary>Services that are balanced in another way, by name.</summary>
    public Dictionary<string, string> LoadBalancingByService { get; set; } = [];

    /// <summary>How long a service may be silent. Longer than the longest <c>Prefer: wait</c>; event streams must beat more often.</summary>
    public TimeSpan ActivityTimeout { get; set; } = TimeSpan.FromSeconds(45);

    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>More than <c>Limits</c> lets in, requests and streams together: at fewer, open streams would make orders wait unseen.</summary>
    [Range(1, int.MaxValue)]
    public int MaxConnectionsPerReplica { get; set; } = 4096;

    public TimeSpan HealthInterval { get; set; } = TimeSpan.FromSeconds(5);

    public TimeSpan HealthTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The port on which <c>/ops</c> is answered, one more of those that the server listens on, and never a public one. 0: none.</summary>
    [Range(0, 65535)]
    public int OperatorPort { get; set; }

    /// <summary>The addresses from which a proxy in front connects: only theirs are the X-Forwarded headers that are believed.</summary>
    public string[] TrustedProxies { get; set; } = [];

    /// <summary>How long a replica whose requests failed is left alone.</summary>
    public TimeSpan ReactivationPeriod { get; set; } = TimeSpan.FromSeconds(5);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => TrustedProxies
        .Where(address => !IPAddress.TryParse(address, out _))
        .Select(address => new ValidationResult($"{Section}:{nameof(TrustedProxies)} holds '{address}', which is no address."));
}
