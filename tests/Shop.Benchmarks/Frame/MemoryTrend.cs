namespace Shop.Benchmarks.Frame;

/// <summary>How the memory of a process changes under a load that does not. Kilobytes.</summary>
/// <param name="InMemory">Half of the time it was less: of what is shared its part.</param>
/// <param name="Growth">Of that, in a minute: the slope of the line through all that was seen.</param>
/// <param name="SharedGrowth">The part of it in shared memory.</param>
/// <param name="Alive">What a full collection left at the end. Null where the process has no managed heap.</param>
/// <param name="AliveGrowth">Of that, in a minute: what grows here is kept by somebody, and is no garbage.</param>
internal sealed record MemoryTrend(double InMemory, double Growth, double SharedGrowth, double? Alive, double? AliveGrowth);
