using Microsoft.Extensions.Options;
using Shop.Gateway.Sessions;
using Shop.ServiceDefaults;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Shop.Gateway.Proxy;

/// <summary>Which headers reach a service: a short list from the client, and what the gateway itself vouches for.</summary>
/// <remarks>
/// A list of what may pass, not of what may not: <c>X_User_Id</c>, <c>Shop-Identity</c>, Cookie, Authorization and whatever a
/// library behind may learn to trust one day stay outside without being named.
/// </remarks>
internal static class ForwardedHeaders
{
    private static readonly string[] FromClient =
    [
        "Accept", "Accept-Language", "Cache-Control", "Content-Length", "Content-Type", ShopHeaders.IdempotencyKey, "If-Match",
        "If-None-Match", "Last-Event-ID", ShopHeaders.Prefer, "User-Agent",
    ];

    public static void Apply(TransformBuilderContext transforms)
    {
        transforms.AddRequestHeadersAllowed(FromClient);
        transforms.AddXForwarded(ForwardedTransformActions.Set);

        var configuration = transforms.Services.GetRequiredService<IConfiguration>();
        var guarded = transforms.Services.GetRequiredService<IOptions<InternalClientOptions>>().Value.IsGuarded(configuration);
        var patience = transforms.Services.GetRequiredService<IOptions<ProxyOptions>>().Value.ActivityTimeout;
        var clock = transforms.Services.GetRequiredService<TimeProvider>();
        var identities = transforms.Services.GetRequiredService<IdentityTokens>();
        var audience = transforms.Cluster?.ClusterId ?? throw new InvalidOperationException("A public route leads to no service.");
        transforms.AddRequestTransform(request =>
        {
            if (CurrentSession.Of(request.HttpContext) is { } session && !PublicRoutes.TraitsOf(request.HttpContext).HasFlag(RouteTraits.Kept))
            {
                request.ProxyRequest.Headers.TryAddWithoutValidation(ShopHeaders.Identity, identities.For(session, audience));
            }

            if (guarded && !PublicRoutes.IsStream(request.HttpContext))
            {
                var deadline = Deadline.Earlier(new Deadline(clock, patience), request.HttpContext.Features.Get<Deadline>());
                request.ProxyRequest.Headers.TryAddWithoutValidation(ShopHeaders.Deadline, deadline.ToString());
            }

            if (request.HttpContext.Features.Get<ClientBody>() is { } body)
            {
                request.ProxyRequest.Headers.TryAddWithoutValidation(ShopHeaders.Fingerprint, body.Fingerprint);
            }

            return ValueTask.CompletedTask;
        });
    }
}

/// <summary>The signed digest of what the client itself sent, whatever is forwarded in its place.</summary>
internal sealed record ClientBody(string Fingerprint);
