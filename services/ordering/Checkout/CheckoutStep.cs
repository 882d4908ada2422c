namespace Shop.Ordering.Checkout;

/// <summary>Where an order's checkout stands: what was asked last and not answered yet. The numbers are stored.</summary>
internal enum CheckoutStep
{
    /// <summary>Saga.</summary>
    Reserving = 1,

    /// <summary>Saga: the charge is the pivot. Before its answer the order can only be undone, after it only finished.</summary>
    Charging = 2,

    /// <summary>Saga.</summary>
    Taking = 3,

    /// <summary>All: release what is held or sold, give back what was charged.</summary>
    Undoing = 4,
    Finished = 5,

    /// <summary>TCC, first phase.</summary>
    Trying = 6,

    /// <summary>TCC, second phase.</summary>
    Confirming = 7,

    /// <summary>TCC, second phase.</summary>
    Cancelling = 8,

    /// <summary>Two-phase commit, first phase: one participant after the other.</summary>
    Preparing = 9,

    /// <summary>Two-phase commit, second phase.</summary>
    Committing = 10,

    /// <summary>Two-phase commit, second phase.</summary>
    RollingBack = 11,

    /// <summary>Choreography: the others know of the order.</summary>
    Announced = 12,

    /// <summary>Choreography: the payment was declined, the goods are on their way back.</summary>
    Declined = 13,
}

/// <summary>Whose acknowledgement is still to come. The numbers are stored.</summary>
[Flags]
internal enum Awaiting
{
    None = 0,
    Stock = 1,
    Payment = 2,

    /// <summary>Choreography: that the goods are held, which is only told and decides nothing.</summary>
    Reservation = 4,
}
