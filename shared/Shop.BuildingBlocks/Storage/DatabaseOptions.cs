using System.ComponentModel.DataAnnotations;

namespace Shop.BuildingBlocks.Storage;

/// <summary>Where a service keeps its data.</summary>
public sealed class DatabaseOptions
{
    public const string Section = "Database";

    /// <summary>The SQLite file. Its directory must exist; one process at a time owns it.</summary>
    [Required]
    public string Path { get; set; } = "";
}
