using System.Globalization;
using System.Security.Claims;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Shop.ServiceDefaults;

/// <summary>Accepts identities that the gateway signed for this very service and that have not expired.</summary>
/// <remarks>Verified tokens are remembered until they expire; refused ones are not, so that garbage cannot fill the memory.</remarks>
internal sealed class IdentityVerifier
{
    private readonly JsonWebTokenHandler _tokens = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = 4096 };
    private readonly ExpiringCache<string, ClaimsPrincipal> _verified;
    private readonly TokenValidationParameters _rules;

    public IdentityVerifier(IdentityKeys keys, IOptions<ShopIdentityOptions> options, ServiceInfo service, TimeProvider time)
    {
        _verified = new(options.Value.MaxCachedTokens, time);
        _rules = new TokenValidationParameters
        {
            ValidIssuer = IdentitySigner.Issuer,
            ValidAudience = service.Name,
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            IssuerSigningKeys = keys.Token,
            TryAllIssuerSigningKeys = false,
            LifetimeValidator = (_, expires, _, _) => expires > time.GetUtcNow().UtcDateTime - options.Value.ClockSkew,
        };
    }

    public async ValueTask<ClaimsPrincipal?> VerifyAsync(string token)
    {
        if (_verified.TryGet(token, out var known))
        {
            return known;
        }

        var result = await _tokens.ValidateTokenAsync(token, _rules);
        if (!result.IsValid
            || result.SecurityToken is not JsonWebToken jwt
            || !long.TryParse(jwt.Subject, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            || !jwt.TryGetPayloadValue<string>(IdentitySigner.NameClaim, out var name))
        {
            return null;
        }

        var principal = new Customer(id, name).ToPrincipal(Schemes.Identity);
        _verified.Set(token, principal, jwt.ValidTo);
        return principal;
    }
}
