using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Shop.BuildingBlocks.Discovery;

namespace Shop.BuildingBlocks.Consul;

/// <summary>Keys of Consul's KV store that are locked with a <see cref="ConsulSession"/>; values are JSON.</summary>
/// <remarks>
/// Reads ask the leader and have it verify that it still leads, so they see every write that was answered before. A lock is advice: whoever
/// writes without a session is not kept out.
/// </remarks>
public sealed class ConsulKeys(ConsulClient consul)
{
    private const string InvalidSession = "invalid session";

    /// <summary>All keys that start so.</summary>
    public async Task<IReadOnlyList<ConsulKey>> ListAsync(string prefix, CancellationToken cancellationToken) =>
        (await consul.GetAsync<ConsulKey[]>($"kv/{prefix}?recurse&consistent", cancellationToken)).Value ?? [];

    public async Task<ConsulKey?> FindAsync(string key, CancellationToken cancellationToken) =>
        (await consul.GetAsync<ConsulKey[]>($"kv/{key}?consistent", cancellationToken)).Value?.SingleOrDefault();

    /// <summary>Locks the key, or, held by this session already, writes its value.</summary>
    /// <returns>False when another session holds it, when its lock delay is not over, or when this session is gone.</returns>
    public async Task<bool> AcquireAsync<T>(string key, ConsulSession session, T value, CancellationToken cancellationToken)
    {
        try
        {
            return await consul.PutForAsync<bool>($"kv/{key}?acquire={session.Id}", value, cancellationToken);
        }
        catch (HttpRequestException exception) when (IsSessionGone(exception))
        {
            return false;
        }
    }

    /// <summary>Locks the key if nobody has touched it since it was read.</summary>
    /// <param name="key">The key.</param>
    /// <param name="seen">What was read; null when the key was not there.</param>
    /// <param name="session">Who locks.</param>
    /// <param name="value">What then stands in it.</param>
    /// <param name="cancellationToken">Leaves it open whether it was locked.</param>
    /// <returns>False when somebody was faster, the lock delay is not over, or this session is gone.</returns>
    public async Task<bool> AcquireUnchangedAsync<T>(string key, ConsulKey? seen, ConsulSession session, T value, CancellationToken cancellationToken)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(value);
        Step first = seen is null
            ? new(new("cas", key, bytes, 0, null))
            : new(new("check-index", key, null, seen.ModifyIndex, null));
        try
        {
            await consul.PutAsync("txn", new[] { first, new Step(new("lock", key, bytes, null, session.Id)) }, cancellationToken);
            return true;
        }
        catch (HttpRequestException exception) when (exception.StatusCode is HttpStatusCode.Conflict || IsSessionGone(exception))
        {
            return false;
        }
    }

    /// <summary>Unlocks the key and leaves <paramref name="value"/> in it; without a lock delay.</summary>
    /// <returns>False when this session did not hold it.</returns>
    public Task<bool> ReleaseAsync<T>(string key, ConsulSession session, T value, CancellationToken cancellationToken) =>
        consul.PutForAsync<bool>($"kv/{key}?release={session.Id}", value, cancellationToken);

    /// <summary>Each state of a key from now on, null where it is not there.</summary>
    public IAsyncEnumerable<ConsulAnswer<ConsulKey[]>> WatchAsync(string key, CancellationToken cancellationToken) =>
        consul.WatchAsync<ConsulKey[]>($"kv/{key}?consistent", cancellationToken);

    private static bool IsSessionGone(HttpRequestException exception) =>
        exception.StatusCode is HttpStatusCode.InternalServerError && exception.Message.Contains(InvalidSession, StringComparison.OrdinalIgnoreCase);

    private sealed record Step([property: JsonPropertyName("KV")] Operation Operation);

    private sealed record Operation(
        string Verb,
        string Key,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] byte[]? Value,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ulong? Index,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Session);
}
