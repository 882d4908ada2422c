using System.Globalization;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Shop.ServiceDefaults;

/// <summary>Signs who the customer is, for one service and about a minute (JWT, HS256).</summary>
/// <remarks>A signed identity cannot be taken back: after a logout it lives on until it expires.</remarks>
public sealed class IdentitySigner
{
    internal const string Issuer = "shop-gateway";
    internal const string NameClaim = "name";

    private readonly JsonWebTokenHandler _tokens = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly SigningCredentials _credentials;
    private readonly TimeSpan _lifetime;
    private readonly TimeProvider _time;

    internal IdentitySigner(IdentityKeys keys, IOptions<ShopIdentityOptions> options, TimeProvider time)
    {
        _credentials = new SigningCredentials(keys.Token[0], SecurityAlgorithms.HmacSha256);
        _lifetime = options.Value.Lifetime;
        _time = time;
    }

    public string Sign(Customer customer, string audience)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        return _tokens.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = audience,
            IssuedAt = now,
            Expires = now + _lifetime,
            Claims = new Dictionary<string, object>
            {
                [JwtRegisteredClaimNames.Sub] = customer.Id.ToString(CultureInfo.InvariantCulture),
                [NameClaim] = customer.Name,
            },
            SigningCredentials = _credentials,
        });
    }
}
