namespace Shop.Ordering.Checkout;

/// <summary>Where an order's saga stands: what was asked last and not answered yet. The numbers are stored.</summary>
internal enum CheckoutStep
{
    Reserving = 1,

    /// <summary>The charge is the pivot: before its answer the saga can only be undone, after it only finished.</summary>
    Charging = 2,
    Taking = 3,
    Undoing = 4,
    Finished = 5,
}

/// <summary>Whose acknowledgement an undo still lacks. The numbers are stored.</summary>
[Flags]
internal enum Awaiting
{
    None = 0,
    Stock = 1,
    Payment = 2,
}
