using System.ComponentModel.DataAnnotations;

namespace Shop.Inventory;

/// <summary>What inventory starts with.</summary>
internal sealed class InventoryOptions : IValidatableObject
{
    public const string Section = "Inventory";

    /// <summary>A JSON file to fill an empty database from, instead of the catalogue that comes with the service.</summary>
    public string? Catalogue { get; set; }

    /// <summary>How old the number that is available may be on a page, where several processes share the database.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan StockAge { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How much older a cache in front of the services may let a page grow, in whole seconds; 0: it may keep none.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan EdgeAge { get; set; } = TimeSpan.FromSeconds(5);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => Catalogue is null || File.Exists(Catalogue)
        ? []
        : [new ValidationResult($"{Section}:{nameof(Catalogue)}: there is no file {Catalogue}.")];
}
