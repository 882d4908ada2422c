namespace Shop.Ordering.Intake;

/// <summary>The body of <c>POST /orders</c>.</summary>
/// <param name="Lines">Left out: the gateway puts the cart's lines in.</param>
/// <param name="Checkout">The protocol that keeps this order consistent; <c>saga</c> if left out.</param>
internal sealed record PlaceOrder(IReadOnlyList<PlaceOrderLine>? Lines = null, string? Checkout = null);

internal sealed record PlaceOrderLine(string Sku, int Quantity);
