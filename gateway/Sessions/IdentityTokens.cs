using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Sessions;
using Shop.ServiceDefaults;

namespace Shop.Gateway.Sessions;

/// <summary>The signed identity of a session for one service, signed anew when half of its life is over.</summary>
internal sealed class IdentityTokens(IdentitySigner signer, IOptions<ShopIdentityOptions> options, TimeProvider time)
{
    private readonly ExpiringCache<(SessionKey, string), string> _signed = new(options.Value.MaxCachedTokens, time);

    public string For(CurrentSession session, string audience)
    {
        if (_signed.TryGet((session.Key, audience), out var known))
        {
            return known;
        }

        var token = signer.Sign(session.Customer, audience);
        _signed.Set((session.Key, audience), token, time.GetUtcNow() + (options.Value.Lifetime / 2));
        return token;
    }
}
