using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Shop.IntegrationTests.Cluster;

/// <summary>Signed identities as the gateway makes them, and as somebody else might.</summary>
internal static class Identities
{
    public static string Sign(byte[] key, string audience, TimeSpan lives, string? keyId = null, string issuer = "shop-gateway") =>
        new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            Expires = TimeProvider.System.GetUtcNow().UtcDateTime + lives,
            Claims = new Dictionary<string, object> { ["sub"] = "1", ["name"] = "somebody" },
            SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(key) { KeyId = keyId ?? IdOf(key) }, SecurityAlgorithms.HmacSha256),
        });

    /// <summary>The name of a key in what is signed with it.</summary>
    public static string IdOf(byte[] key) => Base64Url.EncodeToString(SHA256.HashData(key).AsSpan(0, 6));
}
