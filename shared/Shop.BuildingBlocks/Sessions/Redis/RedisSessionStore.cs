using System.Globalization;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Redis;
using StackExchange.Redis;

namespace Shop.BuildingBlocks.Sessions;

/// <summary>Sessions in Redis, for every gateway that uses the same server: a hash for each, with an item of the cart in a field of its own.</summary>
/// <remarks>
/// BASE: Redis acknowledges before a replica or the disk has the change, so a crash or failover may lose the last sessions (logged out) and the
/// last changes of a cart, or bring back what they replaced; a log-out that is lost in this way has not happened. Gateways whose clocks differ
/// see a session end at different moments. Each operation throws <see cref="RedisUnavailableException"/> when Redis does not answer; whether
/// it had an effect is then unknown.
/// </remarks>
public sealed class RedisSessionStore(RedisConnection redis, IOptions<ShopSessionOptions> options, TimeProvider time) : ISessionStore
{
    private readonly string _sessions = $"{redis.KeyPrefix}session:";
    private readonly string _customers = $"{redis.KeyPrefix}customer:";

    public async Task CreateAsync(SessionKey key, Session session, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var absoluteEnd = session.CreatedAt + options.Value.AbsoluteTimeout;
        RedisValue[] arguments =
        [
            SessionKey.New().Key.Value, // only has to be new
            Milliseconds(session.ExpiresAt - now),
            Milliseconds(absoluteEnd - now),
            session.CustomerId,
            session.CustomerName,
            session.CreatedAt.ToUnixTimeMilliseconds(),
            session.ExpiresAt.ToUnixTimeMilliseconds(),
        ];
        var created = await redis.ExecuteAsync(
            database => SessionScripts.Create.RunAsync(database, [KeyOf(key), CustomerKey(session.CustomerId)], arguments), cancellationToken);
        if ((int)created == 0)
        {
            throw new InvalidOperationException("A session with this key exists already.");
        }
    }

    public async ValueTask<Session?> FindAsync(SessionKey key, CancellationToken cancellationToken) =>
        ReadSession(await RunAsync(SessionScripts.Find, key, cancellationToken));

    public async ValueTask<Session?> TouchAsync(SessionKey key, CancellationToken cancellationToken) => ReadSession(await RunAsync(
        SessionScripts.Touch, key, cancellationToken, Milliseconds(options.Value.IdleTimeout), Milliseconds(options.Value.AbsoluteTimeout)));

    public Task DeleteAsync(SessionKey key, CancellationToken cancellationToken) =>
        redis.ExecuteAsync(database => database.KeyDeleteAsync(KeyOf(key)), cancellationToken);

    // One key instead of a list of sessions: nobody can be missing from it, not even a login that runs at the same moment. What it
    // ends stays in Redis, unreadable, until its own time is over.
    public Task DeleteAllAsync(long customerId, CancellationToken cancellationToken) =>
        redis.ExecuteAsync(database => database.KeyDeleteAsync(CustomerKey(customerId)), cancellationToken);

    public async ValueTask<Cart?> GetCartAsync(SessionKey key, CancellationToken cancellationToken) =>
        ReadChange(await RunAsync(SessionScripts.ReadCart, key, cancellationToken)) is { Outcome: CartOutcome.Changed, Cart: var cart } ? cart : null;

    public async ValueTask<CartChange> PutItemAsync(SessionKey key, CartItem item, long? expectedVersion, CancellationToken cancellationToken) =>
        ReadChange(await RunAsync(SessionScripts.PutItem, key, cancellationToken, Text(expectedVersion), item.Sku, item.Quantity, Cart.MaxItems));

    public async ValueTask<CartChange> RemoveItemAsync(SessionKey key, string sku, long? expectedVersion, CancellationToken cancellationToken) =>
        ReadChange(await RunAsync(SessionScripts.RemoveItem, key, cancellationToken, Text(expectedVersion), sku));

    public async ValueTask RemoveOrderedAsync(SessionKey key, Cart ordered, CancellationToken cancellationToken) => await RunAsync(
        SessionScripts.RemoveOrdered, key, cancellationToken,
        [ordered.Version, .. ordered.Items.SelectMany(item => new RedisValue[] { item.Sku, item.Quantity })]);

    private Task<RedisResult> RunAsync(RedisScript script, SessionKey key, CancellationToken cancellationToken, params RedisValue[] arguments)
    {
        RedisValue[] all = [time.GetUtcNow().ToUnixTimeMilliseconds(), _customers, .. arguments];
        return redis.ExecuteAsync(database => script.RunAsync(database, [KeyOf(key)], all), cancellationToken);
    }

    private static Session? ReadSession(RedisResult result) => result.IsNull
        ? null
        : (RedisValue[])result! switch
        {
            [var customer, var name, var created, var expires] => new Session((long)customer, name!, Time(created), Time(expires)),
            _ => throw new InvalidOperationException("A session in Redis has another form than this version knows."),
        };

    private static CartChange ReadChange(RedisResult result)
    {
        var values = (RedisValue[])result!;
        var outcome = Enum.Parse<CartOutcome>(values[0]!);
        if (outcome is CartOutcome.NoSession)
        {
            return new CartChange(outcome, new Cart([], Version: 0));
        }

        var items = new List<(CartItem Item, long AddedIn)>(values.Length / 2);
        for (var i = 2; i < values.Length; i += 2)
        {
            var line = ((string)values[i + 1]!).Split(':');
            items.Add((new CartItem(values[i]!, Number<int>(line[0])), Number<long>(line[1])));
        }

        return new CartChange(outcome, new Cart([.. items.OrderBy(line => line.AddedIn).Select(line => line.Item)], (long)values[1]));
    }

    private RedisKey KeyOf(SessionKey key) => _sessions + key.Value;

    private RedisKey CustomerKey(long customerId) => _customers + customerId.ToString(CultureInfo.InvariantCulture);

    private static RedisValue Text(long? version) => version is { } number ? number : RedisValue.EmptyString;

    private static long Milliseconds(TimeSpan duration) => (long)Math.Ceiling(duration.TotalMilliseconds);

    private static DateTimeOffset Time(RedisValue milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds);

    private static T Number<T>(string text)
        where T : IParsable<T> => T.Parse(text, CultureInfo.InvariantCulture);
}
