namespace Shop.BuildingBlocks.Jobs;

/// <summary>Somebody else has taken the unit over, or its time was up: nothing of this step was written, and nothing later will be.</summary>
public sealed class JobFencedException(string fireId, int unit) : Exception($"Unit {unit} of {fireId} is not this worker's any more.");
