using System.Text.Json;
using Shop.BuildingBlocks.Redis;
using Shop.BuildingBlocks.Sessions;
using Shop.Gateway.Proxy;
using Shop.Gateway.Sessions;
using Shop.ServiceDefaults;

namespace Shop.Gateway.Orders;

/// <summary>
/// Signs the digest of the client's own body, so that a retry is recognised as one even if the cart has changed in between;
/// then puts the cart into an order without lines, and takes the ordered lines out of it after the order was accepted.
/// </summary>
internal sealed partial class ClientBodyMiddleware(
    RequestDelegate next, FingerprintSigner signer, ISessionStore sessions, ILogger<ClientBodyMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var traits = PublicRoutes.TraitsOf(context);
        if (!traits.HasFlag(RouteTraits.Fingerprint))
        {
            await next(context);
            return;
        }

        if (CurrentSession.Of(context) is not { } session)
        {
            await Problems.Unauthorized().ExecuteAsync(context);
            return;
        }

        var request = context.Request;
        if (!request.HasJsonContentType())
        {
            await Problems.UnsupportedMediaType().ExecuteAsync(context);
            return;
        }

        // On the way to the service two header lines would become one, and their keys a third one that nobody chose.
        if (request.Headers[ShopHeaders.IdempotencyKey].Count > 1)
        {
            await new ProblemResult(ProblemCatalogue.IdempotencyKeyInvalid).ExecuteAsync(context);
            return;
        }

        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, context.RequestAborted);
        var body = buffer.ToArray();
        context.Features.Set(new ClientBody(signer.Sign(body, session.Session.CustomerId, request.Method, request.Path.Value ?? "")));

        if (traits.HasFlag(RouteTraits.Order))
        {
            if (!TryParse(body, out var document))
            {
                await Problems.MalformedJson().ExecuteAsync(context);
                return;
            }

            using (document)
            {
                body = await FillFromCartAsync(context, session, document.RootElement) ?? body;
            }
        }

        request.Headers.TransferEncoding = default;
        request.ContentLength = body.Length;
        request.Body = new MemoryStream(body, writable: false);
        await next(context);
    }

    private async ValueTask<byte[]?> FillFromCartAsync(HttpContext context, CurrentSession session, JsonElement order)
    {
        if (!CartLines.AreMissingFrom(order))
        {
            return null;
        }

        var cart = await sessions.GetCartAsync(session.Key, context.RequestAborted) ?? new Cart([], Version: 0);

        // Before the answer goes out, so that who has it finds the cart without the ordered lines.
        context.Response.OnStarting(() => IsNewOrder(context.Response) ? RemoveOrderedAsync(session, cart) : Task.CompletedTask);
        return CartLines.AddTo(order, cart);
    }

    private async Task RemoveOrderedAsync(CurrentSession session, Cart cart)
    {
        try
        {
            await sessions.RemoveOrderedAsync(session.Key, cart, CancellationToken.None);
        }
        catch (RedisUnavailableException exception)
        {
            // The order stands, and the answer has to say so; a cart that still shows its lines does less harm than a lost 202.
            Log.CartNotCleared(logger, exception.Message);
        }
    }

    // A replay shows an order of earlier: the cart of now is not what was ordered then.
    private static bool IsNewOrder(HttpResponse response) =>
        response.StatusCode is StatusCodes.Status200OK or StatusCodes.Status202Accepted
        && response.Headers[ShopHeaders.IdempotentReplayed] != "true";

    private static bool TryParse(byte[] body, out JsonDocument document)
    {
        try
        {
            document = JsonDocument.Parse(body, CartLines.Strict);
            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException) // the latter for half a surrogate pair in a name
        {
            document = null!;
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The ordered lines stay in the cart: {Reason}")]
        public static partial void CartNotCleared(ILogger logger, string reason);
    }
}
