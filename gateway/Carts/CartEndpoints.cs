using Microsoft.AspNetCore.Http.HttpResults;
using Shop.BuildingBlocks.Sessions;
using Shop.Gateway.Sessions;
using Shop.ServiceDefaults;

namespace Shop.Gateway.Carts;

internal sealed record SetQuantity(int Quantity);

internal static class CartEndpoints
{
    public static void MapCart(this IEndpointRouteBuilder routes)
    {
        var cart = routes.MapGroup("/cart").WithTags("Cart").RequireCustomer();
        cart.MapGet("/", GetAsync).WithName("getCart").WithSummary("The cart of this session");
        cart.MapPut("/items/{sku}", PutAsync)
            .WithName("putCartItem")
            .WithSummary("Put an item into the cart, or change its quantity")
            .Produces<Cart>()
            .Sends(StatusCodes.Status200OK, "ETag", "Names this state of the cart.")
            .Refuses(ProblemCatalogue.NotFound, ProblemCatalogue.PreconditionFailed);
        cart.MapDelete("/items/{sku}", RemoveAsync)
            .WithName("removeCartItem")
            .WithSummary("Take an item out of the cart")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(ProblemCatalogue.NotFound, ProblemCatalogue.PreconditionFailed);
    }

    internal static async Task<Results<ConditionalOk<Cart>, ProblemResult>> GetAsync(
        CurrentSession current, ISessionStore sessions, CancellationToken cancellationToken) =>
        await sessions.GetCartAsync(current.Key, cancellationToken) is { } cart
            ? Conditional.Ok(cart, cart.Version)
            : new ProblemResult(ProblemCatalogue.Unauthorized); // the session ended between its check and this

    internal static async Task<IResult> PutAsync(
        string sku, SetQuantity request, IfMatch ifMatch, CurrentSession current, ISessionStore sessions, ProductLookup products,
        HttpContext context, CancellationToken cancellationToken)
    {
        if (request.Quantity is < 1 or > Cart.MaxQuantity)
        {
            return Problems.Validation("quantity", $"A number from 1 to {Cart.MaxQuantity}.");
        }

        if (!await products.ExistsAsync(sku, cancellationToken))
        {
            return Problems.NotFound($"There is no product '{sku}'.");
        }

        return await ChangeAsync(current, sessions, ifMatch,
            expected => sessions.PutItemAsync(current.Key, new CartItem(sku, request.Quantity), expected, cancellationToken),
            cart =>
            {
                context.Response.Headers.ETag = ETags.FromVersion(cart.Version);
                return TypedResults.Ok(cart);
            },
            cancellationToken);
    }

    internal static Task<IResult> RemoveAsync(
        string sku, IfMatch ifMatch, CurrentSession current, ISessionStore sessions, CancellationToken cancellationToken) =>
        ChangeAsync(current, sessions, ifMatch,
            expected => sessions.RemoveItemAsync(current.Key, sku, expected, cancellationToken), _ => TypedResults.NoContent(), cancellationToken);

    private static async Task<IResult> ChangeAsync(
        CurrentSession current, ISessionStore sessions, IfMatch ifMatch,
        Func<long?, ValueTask<CartChange>> change, Func<Cart, IResult> done, CancellationToken cancellationToken)
    {
        long? expected = null;
        if (ifMatch.IsPresent)
        {
            var version = (await sessions.GetCartAsync(current.Key, cancellationToken))?.Version ?? 0;
            if (!ifMatch.Allows(version))
            {
                return Problems.PreconditionFailed(version);
            }

            // The store decides: between this reading and the change the cart may have changed again.
            expected = version;
        }

        return await change(expected) switch
        {
            { Outcome: CartOutcome.Changed, Cart: var cart } => done(cart),
            { Outcome: CartOutcome.Stale, Cart: var cart } => Problems.PreconditionFailed(cart.Version),
            { Outcome: CartOutcome.Full } => Problems.Validation("items", $"At most {Cart.MaxItems} different items."),
            { Outcome: CartOutcome.NoSuchItem } => Problems.NotFound("This item is not in the cart."),
            _ => Problems.Unauthorized(),
        };
    }
}
