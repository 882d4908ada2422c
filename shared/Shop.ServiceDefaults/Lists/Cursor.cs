using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;

namespace Shop.ServiceDefaults;

/// <summary>The opaque cursor of a list: the key of the last item, with a mark of its type.</summary>
/// <remarks>Opaque, not secret and not signed: a caller can make one up, so the query behind it must check who asks as always.</remarks>
public static class Cursor
{
    private const byte Number = (byte)'n';
    private const byte Text = (byte)'s';

    public static string From(long key)
    {
        Span<byte> bytes = stackalloc byte[1 + sizeof(long)];
        bytes[0] = Number;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], key);
        return Base64Url.EncodeToString(bytes);
    }

    public static string From(string key) => Base64Url.EncodeToString([Text, .. Encoding.UTF8.GetBytes(key)]);

    public static bool TryRead(string cursor, out long key)
    {
        var bytes = Decode(cursor);
        var valid = bytes is { Length: 1 + sizeof(long) } && bytes[0] == Number;
        key = valid ? BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(1)) : 0;
        return valid;
    }

    public static bool TryRead(string cursor, out string key)
    {
        var bytes = Decode(cursor);
        var valid = bytes is [Text, _, ..];
        key = valid ? Encoding.UTF8.GetString(bytes.AsSpan(1)) : "";
        return valid && !key.Contains('\uFFFD') && !key.Contains('\0'); // PostgreSQL refuses NUL in text: a 400 here is better than an error there
    }

    private static byte[] Decode(string cursor) => Base64Url.IsValid(cursor) ? Base64Url.DecodeFromChars(cursor) : [];
}
