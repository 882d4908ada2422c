namespace Shop.BuildingBlocks.Locks.Redlock;

/// <summary>What the nodes said. Those that were away may have done what they were asked, and nobody knows.</summary>
internal readonly record struct Votes(int Yes, int No, int Away);
