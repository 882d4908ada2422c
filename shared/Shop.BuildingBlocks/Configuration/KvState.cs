using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Shop.BuildingBlocks.Configuration;

/// <summary>Where the settings in force came from.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<KvOrigin>))]
public enum KvOrigin
{
    /// <summary>Nothing has come from the store yet.</summary>
    None,

    /// <summary>The file that an earlier run of this process left.</summary>
    File,

    /// <summary>The store itself.</summary>
    Consul,
}

/// <summary>A snapshot that was not applied, and why.</summary>
/// <remarks>The last one only; what else was refused is in the log.</remarks>
public sealed record KvRejection(ulong Version, DateTimeOffset At, ImmutableArray<string> Reasons);

/// <summary>Which snapshot this process runs with, and which it refused since.</summary>
/// <remarks>Of this process only: another replica may be a moment ahead or behind.</remarks>
/// <param name="AppliedAt">By key, since when its present value is in force.</param>
/// <param name="Rejected">Null once a later snapshot was applied.</param>
public sealed record KvState(
    KvSnapshot Snapshot, KvOrigin Origin, ImmutableDictionary<string, DateTimeOffset> AppliedAt, KvRejection? Rejected)
{
    public static readonly KvState None = new(
        KvSnapshot.Empty, KvOrigin.None, ImmutableDictionary.Create<string, DateTimeOffset>(StringComparer.OrdinalIgnoreCase), null);

    public KvState Applied(KvSnapshot snapshot, KvOrigin origin, DateTimeOffset now) => new(
        snapshot,
        origin,
        None.AppliedAt.AddRange(snapshot.Settings.Select(setting => KeyValuePair.Create(
            setting.Key,
            Snapshot.Settings.TryGetValue(setting.Key, out var before) && before == setting.Value ? AppliedAt[setting.Key] : now))),
        Rejected: null);
}
