namespace Shop.BuildingBlocks.Sessions;

/// <summary>Sessions and their carts. Each operation changes one field or item by itself, so that parallel changes all survive.</summary>
/// <remarks>
/// BASE: a store may forget sessions (when it is full, restarts or fails over) but never mixes two of them up. There is no
/// operation that writes a whole session back, because the last writer would win over everybody else.
/// </remarks>
public interface ISessionStore
{
    Task CreateAsync(SessionKey key, Session session, CancellationToken cancellationToken);

    /// <summary>The session, unless there is none or it is over.</summary>
    ValueTask<Session?> FindAsync(SessionKey key, CancellationToken cancellationToken);

    /// <summary>Slides the end of the session; null when it is gone meanwhile.</summary>
    ValueTask<Session?> TouchAsync(SessionKey key, CancellationToken cancellationToken);

    Task DeleteAsync(SessionKey key, CancellationToken cancellationToken);

    Task DeleteAllAsync(long customerId, CancellationToken cancellationToken);

    /// <summary>The cart, or null when the session is over.</summary>
    ValueTask<Cart?> GetCartAsync(SessionKey key, CancellationToken cancellationToken);

    /// <summary>Sets the quantity of one item, only while the cart has the expected version where one is given.</summary>
    ValueTask<CartChange> PutItemAsync(SessionKey key, CartItem item, long? expectedVersion, CancellationToken cancellationToken);

    ValueTask<CartChange> RemoveItemAsync(SessionKey key, string sku, long? expectedVersion, CancellationToken cancellationToken);

    /// <summary>Takes out what was ordered from the cart as it was read; what was added since stays.</summary>
    ValueTask RemoveOrderedAsync(SessionKey key, Cart ordered, CancellationToken cancellationToken);
}
