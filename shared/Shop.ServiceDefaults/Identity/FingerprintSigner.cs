using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Shop.ServiceDefaults;

/// <summary>Vouches for the digest of the body that the client itself sent, although the gateway may forward another one.</summary>
/// <remarks>It binds the digest to customer, method and path, not to a time: the same request again gives the same fingerprint.</remarks>
public sealed class FingerprintSigner
{
    private readonly IdentityKeys _keys;

    internal FingerprintSigner(IdentityKeys keys) => _keys = keys;

    /// <summary>The value of the header <c>Shop-Fingerprint</c>: digest, a dot, and the signature.</summary>
    public string Sign(ReadOnlySpan<byte> clientBody, long customerId, string method, string path)
    {
        var digest = Base64Url.EncodeToString(SHA256.HashData(clientBody));
        return $"{digest}.{Base64Url.EncodeToString(Mac(_keys.Fingerprint[0], digest, customerId, method, path))}";
    }

    /// <summary>The digest, if one of the keys signed it for this customer, method and path; else null.</summary>
    public string? Verify(string header, long customerId, string method, string path) =>
        header.Split('.') is [var digest, var signature]
        && Base64Url.IsValid(signature)
        && Base64Url.DecodeFromChars(signature) is var sent
        && _keys.Fingerprint.Any(key => CryptographicOperations.FixedTimeEquals(sent, Mac(key, digest, customerId, method, path)))
            ? digest
            : null;

    private static byte[] Mac(byte[] key, string digest, long customerId, string method, string path) =>
        HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(string.Create(null, $"{digest}.{customerId}.{method}{path}")));
}
