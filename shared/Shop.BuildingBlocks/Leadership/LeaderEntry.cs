namespace Shop.BuildingBlocks.Leadership;

/// <summary>What stands in Consul under a duty, for people: the lock is the session, the fence is in the database.</summary>
/// <param name="Epoch">0 until the epoch has begun, and after the lead was given up.</param>
internal sealed record LeaderEntry(string Holder, long Epoch, DateTimeOffset Since);
