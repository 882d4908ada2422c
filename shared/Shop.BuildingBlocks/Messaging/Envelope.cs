namespace Shop.BuildingBlocks.Messaging;

/// <summary>What travels: the outbox rows of one source for one destination, coalesced. Each part is a JSON array of messages.</summary>
/// <remarks>It carries no identity of its own: duplicates are recognised by what the messages ask for, not by the envelope.</remarks>
public sealed record Envelope(string Source, string Destination, IReadOnlyList<string> Parts);
