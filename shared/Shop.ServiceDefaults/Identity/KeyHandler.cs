using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Shop.ServiceDefaults;

/// <summary>Lets in whoever sends the key that belongs to the scheme, in the header that has the scheme's name.</summary>
internal sealed class KeyHandler(
    IOptions<SecurityOptions> security, IOptionsMonitor<AuthenticationSchemeOptions> options, UrlEncoder encoder)
    : ProblemChallengeHandler<AuthenticationSchemeOptions>(options, encoder)
{
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var expected = Scheme.Name == Schemes.ServiceKey ? security.Value.ServiceKey : security.Value.OperatorKey;
        var sent = Request.Headers[Scheme.Name];
        return Task.FromResult(!string.IsNullOrEmpty(expected) && sent.Count == 1 && IsSame(expected, sent[0] ?? "")
            ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity(Scheme.Name)), Scheme.Name))
            : AuthenticateResult.NoResult());
    }

    // Hashes are of one length, so that the comparison takes the same time whatever was sent.
    private static bool IsSame(string expected, string sent) => CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(expected)), SHA256.HashData(Encoding.UTF8.GetBytes(sent)));
}
