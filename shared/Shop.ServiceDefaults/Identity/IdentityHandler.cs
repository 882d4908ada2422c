using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Shop.ServiceDefaults;

internal sealed class IdentityHandler(
    IdentityVerifier verifier, IOptionsMonitor<AuthenticationSchemeOptions> options, UrlEncoder encoder)
    : ProblemChallengeHandler<AuthenticationSchemeOptions>(options, encoder)
{
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync() =>
        !Request.Headers.TryGetValue(ShopHeaders.Identity, out var header) || header.Count != 1 ? AuthenticateResult.NoResult()
        : await verifier.VerifyAsync(header[0] ?? "") is { } principal ? AuthenticateResult.Success(new AuthenticationTicket(principal, Scheme.Name))
        : AuthenticateResult.NoResult();
}
