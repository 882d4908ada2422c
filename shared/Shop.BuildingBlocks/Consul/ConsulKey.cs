using System.Text;
using System.Text.Json;

namespace Shop.BuildingBlocks.Consul;

/// <summary>A key of Consul's KV store, as its HTTP API tells it.</summary>
/// <param name="Session">Who holds the lock on it; null when nobody does.</param>
/// <param name="LockIndex">How often the lock was taken. It starts anew when Consul has lost its data.</param>
/// <param name="ModifyIndex">Rises with each change of the key.</param>
/// <remarks>A value as old as the answer that brought it.</remarks>
public sealed record ConsulKey(string Key, byte[]? Value, string? Session, ulong LockIndex, ulong ModifyIndex)
{
    /// <summary>The value as what was written by <see cref="ConsulKeys"/>; null when there is none, or it is something else.</summary>
    public T? ValueAs<T>()
        where T : class
    {
        try
        {
            return Value is null ? null : JsonSerializer.Deserialize<T>(Encoding.UTF8.GetString(Value));
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
