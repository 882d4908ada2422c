using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Shop.ServiceDefaults;

/// <summary>A refusal as a result: status, headers and body of one problem.</summary>
/// <remarks>It does not undo anything: what the handler has changed before it refuses stays changed.</remarks>
public sealed class ProblemResult(ProblemType type, string? detail = null) : IResult, IStatusCodeHttpResult
{
    public const string ContentType = "application/problem+json";

    public ProblemType Type => type;

    public string? Detail => detail;

    public int? StatusCode => type.Status;

    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    public long? CurrentVersion { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = type.Status;
        if (RetryAfter is { } retryAfter)
        {
            response.Headers.RetryAfter = RetryAfterSeconds(retryAfter);
        }

        if (type.Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        response.Headers.CacheControl = "no-store";
        var body = new ProblemBody(type.Uri, type.Title, type.Status, type.Slug, TraceIds.Of(httpContext))
        {
            Detail = detail,
            Errors = Errors,
            CurrentVersion = CurrentVersion,
        };

        // Not RequestAborted: a problem is small, and Kestrel drops it by itself when nobody listens.
        var json = httpContext.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        return response.WriteAsJsonAsync(body, json, ContentType, CancellationToken.None);
    }

    // Whole seconds, rounded up: "0" would invite the caller to come back at once.
    internal static string RetryAfterSeconds(TimeSpan retryAfter) =>
        Math.Max(1, (long)Math.Ceiling(retryAfter.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
