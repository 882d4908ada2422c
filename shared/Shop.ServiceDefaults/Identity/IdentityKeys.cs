using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Shop.ServiceDefaults;

/// <summary>The configured keys, each in the form for tokens and, derived from it, the form for fingerprints.</summary>
internal sealed class IdentityKeys
{
    public IdentityKeys(IOptions<ShopIdentityOptions> options)
    {
        var secrets = options.Value.SigningKeys.Select(key => ShopIdentityOptions.Decode(key)!).ToImmutableArray();
        Token = [.. secrets.Select(secret => new SymmetricSecurityKey(secret) { KeyId = Id(secret) })];

        // Two purposes, two keys: nothing signed as a fingerprint can ever pass for a token.
        Fingerprint = [.. secrets.Select(secret => HKDF.Expand(HashAlgorithmName.SHA256, secret, outputLength: 32, "shop fingerprint"u8.ToArray()))];
    }

    public ImmutableArray<SymmetricSecurityKey> Token { get; }

    public ImmutableArray<byte[]> Fingerprint { get; }

    private static string Id(byte[] secret) => Base64Url.EncodeToString(SHA256.HashData(secret).AsSpan(0, 6));
}
