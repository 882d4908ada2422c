namespace Shop.BuildingBlocks.Leadership;

/// <summary>Something that only one process of a service may do at a time, by its name: lower case and dashes.</summary>
/// <remarks>The name is part of a key in Consul and of a row in the database: it is for ever.</remarks>
public sealed record Duty(string Name);
