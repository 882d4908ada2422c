using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Shop.ServiceDefaults;

/// <summary>The base of the shop's authentication handlers: whoever is not let in is told so by a problem.</summary>
/// <remarks>
/// It tells nobody why: a wrong key, an expired one and none at all are answered alike. It does not log either, because the
/// base class would write a line for each anonymous request.
/// </remarks>
public abstract class ProblemChallengeHandler<TOptions>(IOptionsMonitor<TOptions> options, UrlEncoder encoder)
    : AuthenticationHandler<TOptions>(options, NullLoggerFactory.Instance, encoder)
    where TOptions : AuthenticationSchemeOptions, new()
{
    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => Problems.Unauthorized().ExecuteAsync(Context);

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Problems.Forbidden().ExecuteAsync(Context);
}
