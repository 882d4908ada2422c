using System.Globalization;
using Shop.ServiceDefaults;

namespace Shop.Gateway.Limits;

/// <summary>One policy: so many permits a window for each partition (a session, an address, a name).</summary>
internal sealed class Quota(string name, QuotaOptions options, IPermits permits) : IDisposable
{
    public const string PolicyHeader = "RateLimit-Policy";
    public const string StateHeader = "RateLimit";

    private readonly string _policy = string.Create(
        CultureInfo.InvariantCulture, $"\"{name}\";q={options.Permits};w={(int)options.Window.TotalSeconds}");

    /// <summary>Takes one permit and reports what is left in the response's headers; a refusal when none is.</summary>
    public async ValueTask<IResult?> TakeAsync(HttpContext context, string partition)
    {
        var permit = await permits.TakeAsync(partition, context.RequestAborted);
        var headers = context.Response.Headers;
        headers.Append(PolicyHeader, _policy);
        headers.Append(
            StateHeader, string.Create(CultureInfo.InvariantCulture, $"\"{name}\";r={permit.Left};t={Math.Ceiling(permit.Reset.TotalSeconds)}"));
        return permit.IsGranted ? null : Problems.QuotaExceeded(permit.Reset);
    }

    public void Dispose() => permits.Dispose();
}
