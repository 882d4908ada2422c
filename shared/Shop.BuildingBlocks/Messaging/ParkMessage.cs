namespace Shop.BuildingBlocks.Messaging;

/// <summary>Puts a text that cannot be handled among the dead letters of this service.</summary>
/// <remarks>The same text again counts up the letter that is there.</remarks>
public delegate Task ParkMessage(string source, string payload, string error, CancellationToken cancellationToken);
