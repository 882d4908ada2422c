using System.ComponentModel.DataAnnotations;
using Shop.BuildingBlocks.Discovery;

namespace Shop.BuildingBlocks.Configuration;

/// <summary>Which settings are taken from Consul's KV store, and what is kept for a start without it.</summary>
/// <remarks>Settings of its own kind are never read from the store: where the store is must be known before it is read.</remarks>
public sealed class KvOptions
{
    public const string Section = $"{ConsulOptions.Section}:Config";

    /// <summary>On wherever <c>Consul:Host</c> is configured.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The folder of all layers.</summary>
    [RegularExpression("[A-Za-z0-9_-]+")]
    public string Prefix { get; set; } = "config";

    /// <summary>The layers <c>{app},{profile}</c>, later ones win. The environment's name in lower case, unless stated; the name of a replica or
    /// a label beside it is how a change is tried on a few first.</summary>
    public IList<string> Profiles { get; } = [];

    /// <summary>Where the last good snapshot is kept. Without a path a start without Consul has the configured settings only.</summary>
    public string? SnapshotPath { get; set; }

    /// <summary>How long a start waits for Consul before it takes the file.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan StartWait { get; set; } = TimeSpan.FromSeconds(2);
}
