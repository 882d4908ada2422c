using System.Globalization;
using Shop.Contracts.Internal;

namespace Shop.Payments.Customers;

/// <summary>What a name and a password may be.</summary>
internal static class CredentialRules
{
    /// <summary>Every error at once; empty when there is none.</summary>
    public static Dictionary<string, string[]> Errors(this Credentials credentials)
    {
        var errors = new Dictionary<string, string[]>();
        var (name, password) = credentials;

        // A name that only looks like another would let one customer pose as the other. Letters that look alike remain: this is no proof.
        if (name is not { Length: >= 3 and <= 64 } || name.Trim() != name || name.Any(IsInvisible))
        {
            errors.Add(nameof(credentials.Name), ["3 to 64 characters, none of them invisible, no space at either end."]);
        }

        if (password is not { Length: >= 8 and <= 128 })
        {
            errors.Add(nameof(credentials.Password), ["8 to 128 characters."]);
        }

        return errors;
    }

    private static bool IsInvisible(char character) =>
        char.GetUnicodeCategory(character) is UnicodeCategory.Control or UnicodeCategory.Format;
}
