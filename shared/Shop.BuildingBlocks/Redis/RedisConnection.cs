using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Shop.BuildingBlocks.Redis;

/// <summary>This process's one connection to Redis: made at the first use, mended by itself, and never waited for longer than the timeout.</summary>
/// <remarks>
/// While there is no connection, or the server keeps it and is silent, every call fails at once. Nothing is repeated here: a call that failed may have
/// had its effect, and only its caller knows whether to repeat it.
/// </remarks>
public sealed partial class RedisConnection(IOptions<RedisOptions> options, ILogger<RedisConnection> logger) : IAsyncDisposable
{
    private static readonly TimeSpan ProbePause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(1);

    // What a server says that will pass, or that an operator has to mend; anything else is a bug of ours.
    private static readonly string[] Indisposed =
        ["LOADING", "OOM", "READONLY", "MISCONF", "BUSY", "MASTERDOWN", "NOREPLICAS", "NOAUTH", "NOPERM", "WRONGPASS"];

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task<ConnectionMultiplexer>? _connecting;
    private int _silent;

    /// <summary>The start of every key.</summary>
    public string KeyPrefix => options.Value.KeyPrefix;

    /// <summary>Runs one command or script.</summary>
    /// <exception cref="RedisUnavailableException">There was no answer; whether there was an effect is unknown.</exception>
    public async Task<T> ExecuteAsync<T>(Func<IDatabase, Task<T>> operation, CancellationToken cancellationToken)
    {
        var redis = await ConnectedAsync(cancellationToken);
        try
        {
            var result = await operation(redis.GetDatabase()).WaitAsync(options.Value.OperationTimeout, cancellationToken);

            // The client completes its answers one after the other on one thread: what follows must not run there and hold up the rest.
            await Task.Yield();
            return result;
        }
        catch (TimeoutException exception)
        {
            Suspect();
            throw new RedisUnavailableException($"No answer within {options.Value.OperationTimeout.TotalMilliseconds} ms.", exception);
        }
        catch (Exception exception) when (exception is RedisConnectionException or ObjectDisposedException)
        {
            throw new RedisUnavailableException("The connection is gone.", exception);
        }
        catch (RedisServerException exception) when (Indisposed.Any(word => exception.Message.StartsWith(word, StringComparison.Ordinal)))
        {
            throw new RedisUnavailableException(exception.Message, exception);
        }
    }

    /// <summary>Calls <paramref name="onMessage"/> for what is published on the channel; true when that is arranged, also over later connections.</summary>
    /// <remarks>A message that is published while there is no connection never comes, and nobody says so.</remarks>
    /// <exception cref="RedisUnavailableException">Not arranged.</exception>
    public async Task<bool> SubscribeAsync(string channel, Action onMessage, CancellationToken cancellationToken)
    {
        var redis = await ConnectedAsync(cancellationToken);
        if (!redis.IsConnected)
        {
            throw new RedisUnavailableException("Redis cannot be reached.");
        }

        try
        {
            await redis.GetSubscriber().SubscribeAsync(channel, (_, _) => onMessage()).WaitAsync(options.Value.OperationTimeout, cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is TimeoutException or RedisException or ObjectDisposedException)
        {
            throw new RedisUnavailableException("Not subscribed.", exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (_connecting is { IsCompletedSuccessfully: true } connected)
        {
            var redis = await connected;
            await redis.CloseAsync(allowCommandsToComplete: false);
            redis.Dispose();
        }

        _stopping.Dispose();
    }

    private async Task<ConnectionMultiplexer> ConnectedAsync(CancellationToken cancellationToken)
    {
        try
        {
            var redis = await ConnectAsync().WaitAsync(options.Value.OperationTimeout, cancellationToken);
            return Volatile.Read(ref _silent) == 0 ? redis : throw new RedisUnavailableException("Redis does not answer.");
        }
        catch (Exception exception) when (exception is TimeoutException or RedisConnectionException)
        {
            throw new RedisUnavailableException("Redis cannot be reached.", exception);
        }
    }

    private Task<ConnectionMultiplexer> ConnectAsync()
    {
        lock (_lock)
        {
            return _connecting is { IsFaulted: false } ? _connecting : _connecting = StartAsync();
        }

        async Task<ConnectionMultiplexer> StartAsync()
        {
            var settings = ConfigurationOptions.Parse(options.Value.ConnectionString);
            settings.AbortOnConnectFail = false; // a server that is away now may come later
            settings.ConnectRetry = 1; // the first time; later it tries for ever

            // Also the first time only. It is no shorter than a call waits: one that waits for longer would be refused before its time.
            settings.ConnectTimeout = (int)Math.Max(ConnectTimeout.TotalMilliseconds, options.Value.OperationTimeout.TotalMilliseconds);
            settings.ReconnectRetryPolicy = new LinearRetry((int)ConnectTimeout.TotalMilliseconds);
            var redis = await ConnectionMultiplexer.ConnectAsync(settings);
            redis.ConnectionFailed += (_, failure) => Log.Lost(logger, failure.ConnectionType, failure.FailureType);
            redis.ConnectionRestored += (_, restored) => Log.Restored(logger, restored.ConnectionType);
            return redis;
        }
    }

    // A server that hangs keeps its connection. Requests do not find out one by one; a probe waits for its first word.
    private void Suspect()
    {
        if (Interlocked.Exchange(ref _silent, 1) == 0)
        {
            Log.Silent(logger, options.Value.OperationTimeout);
            _ = ProbeAsync();
        }
    }

    private async Task ProbeAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var redis = await ConnectAsync();
                await redis.GetDatabase().PingAsync().WaitAsync(options.Value.OperationTimeout, _stopping.Token);
                Volatile.Write(ref _silent, 0);
                Log.Answers(logger);
                return;
            }
            catch (Exception exception) when (exception is TimeoutException or RedisException or ObjectDisposedException or OperationCanceledException)
            {
                await Task.Delay(ProbePause);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Redis: the {Connection} connection is lost: {Reason}")]
        public static partial void Lost(ILogger logger, ConnectionType connection, ConnectionFailureType reason);

        [LoggerMessage(2, LogLevel.Warning, "Redis: the {Connection} connection is back")]
        public static partial void Restored(ILogger logger, ConnectionType connection);

        [LoggerMessage(3, LogLevel.Warning, "Redis is connected and has not answered for {Timeout}: taken to be away until it does")]
        public static partial void Silent(ILogger logger, TimeSpan timeout);

        [LoggerMessage(4, LogLevel.Warning, "Redis answers again")]
        public static partial void Answers(ILogger logger);
    }
}
