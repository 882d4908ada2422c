using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Shop.ServiceDefaults;

/// <summary>The verified digest of the client's own body: two requests with one idempotency key must have the same one.</summary>
/// <remarks>Of the bytes, not of their meaning: the same JSON with another spacing is another request.</remarks>
public sealed record RequestFingerprint(string Value) : IBindableFromHttpContext<RequestFingerprint>
{
    public static ValueTask<RequestFingerprint?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var customer = Customer.Of(context.User) ?? throw new ProblemException(ProblemCatalogue.Unauthorized);
        var header = context.Request.Headers[ShopHeaders.Fingerprint];
        var signer = context.RequestServices.GetRequiredService<FingerprintSigner>();
        var digest = header.Count == 1
            ? signer.Verify(header[0] ?? "", customer.Id, context.Request.Method, context.Request.Path.Value ?? "")
            : null;

        return digest is not null
            ? ValueTask.FromResult<RequestFingerprint?>(new(digest))
            : throw new ProblemException(ProblemCatalogue.Forbidden, "This operation is reached through the gateway only.");
    }
}
