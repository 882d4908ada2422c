using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Shop.ServiceDefaults;

/// <summary>The refusals of the API, ready to return from a handler.</summary>
/// <remarks>For refusals that a handler decides; binders, which cannot return a result, throw <see cref="ProblemException"/>.</remarks>
public static class Problems
{
    /// <summary>When to come back if nobody knows better.</summary>
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    public static IResult Of(ProblemType type, string? detail = null, TimeSpan? retryAfter = null) =>
        new ProblemResult(type, detail) { RetryAfter = retryAfter };

    /// <summary>Keys may be .NET member paths ("Lines[0].Sku"); they become JSON ones ("lines[0].sku").</summary>
    public static IResult Validation(IDictionary<string, string[]> errors) => Validation(errors, detail: null);

    public static IResult Validation(string member, string message) =>
        Validation(new Dictionary<string, string[]> { [member] = [message] });

    public static IResult MalformedJson(string? detail = null) => Of(ProblemCatalogue.MalformedJson, detail);

    public static IResult NotFound(string? detail = null) => Of(ProblemCatalogue.NotFound, detail);

    public static IResult IdempotencyKeyMissing() => Of(ProblemCatalogue.IdempotencyKeyMissing);

    public static IResult IdempotencyKeyInvalid() => Of(ProblemCatalogue.IdempotencyKeyInvalid);

    public static IResult IdempotencyKeyReused() => Of(ProblemCatalogue.IdempotencyKeyReused);

    public static IResult RequestInProgress(TimeSpan? retryAfter = null) =>
        Of(ProblemCatalogue.RequestInProgress, retryAfter: retryAfter ?? Soon);

    public static IResult Locked() => Of(ProblemCatalogue.Locked, retryAfter: Soon);

    public static IResult Overloaded(TimeSpan? retryAfter = null) => Of(ProblemCatalogue.Overloaded, retryAfter: retryAfter ?? Soon);

    public static IResult Unavailable(string? detail = null, TimeSpan? retryAfter = null) =>
        Of(ProblemCatalogue.DependencyUnavailable, detail, retryAfter ?? Soon);

    public static IResult ConsistencyUnavailable(string? detail = null, TimeSpan? retryAfter = null) =>
        Of(ProblemCatalogue.ConsistencyUnavailable, detail, retryAfter ?? Soon);

    public static IResult CheckoutNotSupported(string detail) => Of(ProblemCatalogue.CheckoutNotSupported, detail);

    public static IResult NotCancellable(string? detail = null) => Of(ProblemCatalogue.NotCancellable, detail);

    public static IResult NameTaken() => Of(ProblemCatalogue.NameTaken);

    public static IResult BadCredentials() => Of(ProblemCatalogue.BadCredentials);

    public static IResult Unauthorized() => Of(ProblemCatalogue.Unauthorized);

    public static IResult Forbidden(string? detail = null) => Of(ProblemCatalogue.Forbidden, detail);

    public static IResult CrossSite() => Of(ProblemCatalogue.CrossSite);

    public static IResult UnsupportedMediaType() => Of(ProblemCatalogue.UnsupportedMediaType);

    public static IResult BodyTooLarge() => Of(ProblemCatalogue.BodyTooLarge);

    public static IResult QuotaExceeded(TimeSpan? retryAfter = null) =>
        Of(ProblemCatalogue.QuotaExceeded, retryAfter: retryAfter ?? Soon);

    public static IResult PreconditionFailed(long currentVersion) =>
        new ProblemResult(ProblemCatalogue.PreconditionFailed) { CurrentVersion = currentVersion };

    internal static ProblemResult Validation(IEnumerable<KeyValuePair<string, string[]>> errors, string? detail) =>
        new(ProblemCatalogue.ValidationFailed, detail) { Errors = errors.ToDictionary(error => CamelCase(error.Key), error => error.Value) };

    private static string CamelCase(string path) => string.Join('.', path.Split('.').Select(JsonNamingPolicy.CamelCase.ConvertName));
}
