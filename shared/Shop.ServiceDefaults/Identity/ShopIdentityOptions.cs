using System.ComponentModel.DataAnnotations;

namespace Shop.ServiceDefaults;

/// <summary>The keys with which the gateway vouches for a customer: the first signs, all verify, so that keys can rotate.</summary>
/// <remarks>Symmetric: whoever can verify can also sign. Services trust each other that far.</remarks>
public sealed class ShopIdentityOptions : IValidatableObject
{
    public const string Section = "Identity";
    public const int MinKeyBytes = 32;

    /// <summary>Base64, at least 32 bytes each.</summary>
    [Required]
    [MinLength(1)]
    public string[] SigningKeys { get; set; } = [];

    public TimeSpan Lifetime { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How far the clocks of two machines may be apart.</summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(5);

    [Range(1, int.MaxValue)]
    public int MaxCachedTokens { get; set; } = 10_000;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => SigningKeys
        .Select((key, index) => (Bytes: Decode(key), index))
        .Where(key => key.Bytes is not { Length: >= MinKeyBytes })
        .Select(key => new ValidationResult($"{Section}:SigningKeys:{key.index} must be base64 of at least {MinKeyBytes} bytes."));

    internal static byte[]? Decode(string? base64)
    {
        var bytes = new byte[base64?.Length ?? 0];
        return Convert.TryFromBase64String(base64 ?? "", bytes, out var written) ? bytes[..written] : null;
    }
}
