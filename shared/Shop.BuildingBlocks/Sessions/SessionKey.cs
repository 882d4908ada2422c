using System.Buffers.Text;
using System.Security.Cryptography;

namespace Shop.BuildingBlocks.Sessions;

/// <summary>What a store knows of a session's token: its SHA-256, so that who reads the store cannot log in.</summary>
/// <remarks>A well-formed token is not a valid one: only the store knows which sessions there are.</remarks>
public readonly record struct SessionKey
{
    private const int TokenBytes = 32;

    private SessionKey(string value) => Value = value;

    public string Value { get; }

    /// <summary>A new token, 256 random bits, and its key. The token is shown to the client once and kept nowhere.</summary>
    public static (string Token, SessionKey Key) New()
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        return (token, Hash(token));
    }

    /// <summary>The key of a token that has the form of one; else null, without a visit to the store.</summary>
    public static SessionKey? Of(string? token) =>
        token is not null && Base64Url.IsValid(token, out var length) && length == TokenBytes ? Hash(token) : null;

    public override string ToString() => Value ?? "";

    private static SessionKey Hash(string token) =>
        new(Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(token))));
}
