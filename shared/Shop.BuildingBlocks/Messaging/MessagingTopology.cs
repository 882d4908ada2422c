namespace Shop.BuildingBlocks.Messaging;

/// <summary>Who this service is and to whom it sends: one relay lane per destination.</summary>
public sealed record MessagingTopology(string Service, IReadOnlyList<string> Destinations);
