namespace Shop.BuildingBlocks.Sessions;

/// <summary>What a session means to buy, and the version that names this state.</summary>
/// <remarks>
/// It holds no prices and reserves nothing. Versions grow within a session and start at the time it began, so that an ETag
/// from an earlier session never fits by accident.
/// </remarks>
public sealed record Cart(IReadOnlyList<CartItem> Items, long Version)
{
    public const int MaxItems = 50;
    public const int MaxQuantity = 1000;
}

/// <summary>One product in a cart.</summary>
/// <remarks>The SKU existed when it was put in; it may be gone by the time of the order.</remarks>
public sealed record CartItem(string Sku, int Quantity);

/// <summary>What became of a change to a cart, and the cart after it.</summary>
public sealed record CartChange(CartOutcome Outcome, Cart Cart);

/// <summary>The ways in which a change to a cart can end.</summary>
public enum CartOutcome
{
    Changed,

    /// <summary>The expected version is not the current one; nothing was changed.</summary>
    Stale,

    /// <summary>The cart has its full number of distinct items; nothing was changed.</summary>
    Full,

    /// <summary>The item is not in the cart; nothing was changed.</summary>
    NoSuchItem,

    /// <summary>The session has ended.</summary>
    NoSession,
}
