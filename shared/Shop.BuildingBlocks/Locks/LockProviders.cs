using System.Collections.Immutable;

namespace Shop.BuildingBlocks.Locks;

/// <summary>Who can keep locks: the values of <c>Locks:Provider</c>.</summary>
public static class LockProviders
{
    public const string Process = "process";
    public const string Redlock = "redlock";
    public const string PostgresAdvisory = "postgres-advisory";
    public const string PostgresRow = "postgres-row";
    public const string Consul = "consul";

    public static ImmutableArray<string> All { get; } = [Process, Redlock, PostgresAdvisory, PostgresRow, Consul];
}
