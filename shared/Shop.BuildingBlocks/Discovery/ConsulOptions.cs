using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;

namespace Shop.BuildingBlocks.Discovery;

/// <summary>Where the Consul agent of this process is. Without a host there is no Consul, and addresses and settings are the configured ones.</summary>
/// <remarks>One agent, as in Steeltoe: a registration belongs to the agent that took it, and goes critical with that agent.</remarks>
public sealed class ConsulOptions
{
    public const string Section = "Consul";

    [Required]
    public string Host { get; set; } = "";

    [Range(1, 65535)]
    public int Port { get; set; } = 8500;

    [RegularExpression("https?")]
    public string Scheme { get; set; } = Uri.UriSchemeHttp;

    public string? Token { get; set; }

    /// <summary>How long a blocking query stays open when nothing changes.</summary>
    /// <remarks>Also how long it may take to see that Consul came back with another history so quickly that no connection was refused.</remarks>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long any other request may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(3);

    public Uri Address => new UriBuilder(Scheme, Host, Port).Uri;

    public static bool IsWanted(IConfiguration configuration) => !string.IsNullOrEmpty(configuration[$"{Section}:{nameof(Host)}"]);
}
