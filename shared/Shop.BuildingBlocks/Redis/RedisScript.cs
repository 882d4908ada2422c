using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace Shop.BuildingBlocks.Redis;

/// <summary>A Lua script that runs as one step of the server, called by its hash so that its text travels once.</summary>
/// <remarks>
/// No other command runs in between, but a script that fails in its middle is not rolled back. Values reach it as arguments only and never
/// become part of its text.
/// </remarks>
public sealed class RedisScript(string text)
{
    private readonly byte[] _hash = SHA1.HashData(Encoding.UTF8.GetBytes(text));

    public async Task<RedisResult> RunAsync(IDatabase redis, RedisKey[] keys, RedisValue[] arguments)
    {
        try
        {
            return await redis.ScriptEvaluateAsync(_hash, keys, arguments);
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            // A server that is new, restarted or flushed. Nothing has run; the text runs now and is kept under its hash.
            return await redis.ScriptEvaluateAsync(text, keys, arguments, CommandFlags.NoScriptCache);
        }
    }
}
