using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace Shop.Payments.Customers;

/// <summary>Makes and checks password hashes: <c>pbkdf2-sha256$iterations$salt$hash</c>.</summary>
/// <remarks>Each call computes for about 0.1 s: never inside a transaction, and only under a permit of <see cref="PasswordPermits"/>.</remarks>
internal sealed class PasswordHasher(IOptions<PasswordOptions> options)
{
    private const string Algorithm = "pbkdf2-sha256";
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    private readonly string _nobody = Format(
        options.Value.Iterations, RandomNumberGenerator.GetBytes(SaltBytes), RandomNumberGenerator.GetBytes(HashBytes));

    public string Hash(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return Format(options.Value.Iterations, salt, Derive(password, salt, options.Value.Iterations));
    }

    /// <summary>True if <paramref name="stored"/> was made of <paramref name="password"/>. Null, for a name that nobody has, costs the same.</summary>
    public bool Verify(string password, string? stored)
    {
        if ((stored ?? _nobody).Split('$') is not [Algorithm, var iterations, var salt, var hash])
        {
            throw new FormatException("A stored password hash is in no known format.");
        }

        var computed = Derive(password, Convert.FromBase64String(salt), int.Parse(iterations, CultureInfo.InvariantCulture));
        return CryptographicOperations.FixedTimeEquals(computed, Convert.FromBase64String(hash)) && stored is not null;
    }

    private static byte[] Derive(string password, byte[] salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA256, HashBytes);

    private static string Format(int iterations, byte[] salt, byte[] hash) => string.Create(
        CultureInfo.InvariantCulture, $"{Algorithm}${iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}");
}
