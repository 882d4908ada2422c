namespace Shop.BuildingBlocks.Locks.Postgres;

/// <summary>The two things that PostgreSQL can lock for a name.</summary>
internal enum PostgresLockKind
{
    /// <summary>A number, for as long as a session lasts. Writes nothing, and holds no transaction open.</summary>
    Advisory,

    /// <summary>A row, for as long as a transaction lasts. The open transaction keeps vacuum from what is dead since.</summary>
    Row,
}
