using System.ComponentModel.DataAnnotations;

namespace Shop.BuildingBlocks.Discovery;

/// <summary>Weights that overrule those of the registry, by instance id: how traffic is moved without touching a replica.</summary>
/// <remarks>Each process applies them when its own configuration arrives; for a moment two callers may weigh differently.</remarks>
public sealed class RoutingOptions : IValidatableObject
{
    public const string Section = "Routing";

    public Dictionary<string, int> Weights { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        from weight in Weights
        where weight.Value is < 0 or > ServiceInstance.MaxWeight
        select new ValidationResult($"{Section}:{nameof(Weights)}:{weight.Key} must be from 0 to {ServiceInstance.MaxWeight}.");
}
