using System.ComponentModel.DataAnnotations;
using Yarp.ReverseProxy.LoadBalancing;

namespace Shop.Gateway.Proxy;

/// <summary>How requests go to the services; where the services are is in <c>Services:&lt;name&gt;</c>.</summary>
/// <remarks>What was sent is not retried here: only the caller knows whether its request may be repeated, and with which key.</remarks>
public sealed class ProxyOptions
{
    public const string Section = "Proxy";

    [Required]
    public string LoadBalancingPolicy { get; set; } = LoadBalancingPolicies.PowerOfTwoChoices;

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

    /// <summary>How long a replica whose requests failed is left alone.</summary>
    public TimeSpan ReactivationPeriod { get; set; } = TimeSpan.FromSeconds(5);
}
