using System.ComponentModel.DataAnnotations;

namespace Shop.ServiceDefaults;

/// <summary>The secrets that open <c>/internal</c> (services) and <c>/ops</c> (people).</summary>
/// <remarks>They identify a role, not a caller: who used the operator key must be told by other means.</remarks>
public sealed class SecurityOptions
{
    public const string Section = "Security";
    public const int MinKeyLength = 32;

    [Required]
    [MinLength(MinKeyLength)]
    public string ServiceKey { get; set; } = "";

    /// <summary>Optional: a process that was not given one lets no operator in.</summary>
    [MinLength(MinKeyLength)]
    public string? OperatorKey { get; set; }
}
