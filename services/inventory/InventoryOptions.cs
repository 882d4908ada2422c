using System.ComponentModel.DataAnnotations;

namespace Shop.Inventory;

/// <summary>What inventory starts with.</summary>
internal sealed class InventoryOptions : IValidatableObject
{
    public const string Section = "Inventory";

    /// <summary>A JSON file to fill an empty database from, instead of the catalogue that comes with the service.</summary>
    public string? Catalogue { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => Catalogue is null || File.Exists(Catalogue)
        ? []
        : [new ValidationResult($"{Section}:{nameof(Catalogue)}: there is no file {Catalogue}.")];
}
