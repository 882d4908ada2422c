namespace Shop.BuildingBlocks.Ids;

/// <summary>What stands in Consul under a worker id: who has or had it, and the end of the time for which it may have made ids.</summary>
/// <param name="Holder">For people.</param>
/// <param name="Until">Milliseconds since <see cref="SnowflakeId.Epoch"/>; whoever comes next begins there.</param>
internal sealed record WorkerEntry(string Holder, long Until);
