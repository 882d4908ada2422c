using System.Collections.Immutable;
using Shop.BuildingBlocks.Configuration;

namespace Shop.ServiceDefaults;

/// <summary>Which settings this process runs with, and where each of them comes from.</summary>
/// <remarks>What an options class has read once and kept is not seen here: the settings are those that it would read now.</remarks>
/// <param name="Version">Consul's index of the snapshot in force; null without one.</param>
/// <param name="Ignored">Keys of the store that may not come from there, or that nobody here knows.</param>
public sealed record ConfigView(
    string Service,
    string Instance,
    KvOrigin Origin,
    ulong? Version,
    KvRejection? Rejected,
    ImmutableSortedSet<string> Ignored,
    IReadOnlyList<SettingView> Settings);

/// <summary>One setting; a secret is shown as stars.</summary>
/// <remarks>Secrets are told by their names and by their form: one that hides under another name is shown.</remarks>
/// <param name="Layer">A folder of the store, another source by its kind, or "default".</param>
/// <param name="Version">For a value from the store, Consul's index of its last change.</param>
/// <param name="AppliedAt">For a value from the store, since when it is in force here.</param>
/// <param name="Live">It may come from the store, and changes without a restart.</param>
public sealed record SettingView(string Key, string? Value, string Layer, ulong? Version, DateTimeOffset? AppliedAt, bool Live);
