using System.Data.Common;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Shop.ServiceDefaults;

/// <summary>The one place where an exception becomes a refusal; what it does not know is a bug and becomes a 500.</summary>
internal sealed partial class ExceptionMapper(IOptions<ProblemOptions> options)
{
    private static readonly string[] Misfit = ["Unknown, missing or of the wrong type."];

    public ProblemResult? Map(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if ((FromService(cause) ?? BuiltIn(cause)) is { } result)
            {
                return result;
            }
        }

        return null;
    }

    private ProblemResult? FromService(Exception exception) =>
        options.Value.Mappings.Select(map => map(exception)).FirstOrDefault(mapped => mapped is not null)?.ToResult();

    private static ProblemResult? BuiltIn(Exception exception) => exception switch
    {
        ProblemException problem => problem.ToResult(),
        BadHttpRequestException bad => BadRequest(bad),

        // All of these are "unknown", not "failed": the caller repeats the request with the same key.
        TimeoutException or HttpRequestException or SocketException or DbException { IsTransient: true } =>
            new ProblemResult(ProblemCatalogue.DependencyUnavailable) { RetryAfter = Problems.Soon },
        _ => null,
    };

    private static ProblemResult BadRequest(BadHttpRequestException exception) => exception switch
    {
        { InnerException: JsonException json } => Json(json),

        // Exactly this type: a parameter or a body did not bind. Kestrel throws a subclass.
        { StatusCode: 400 } when exception.GetType() == typeof(BadHttpRequestException) =>
            new(ProblemCatalogue.ValidationFailed, "The body or a parameter is missing or has the wrong form."),
        _ => new(ProblemCatalogue.ForStatus(exception.StatusCode)),
    };

    // System.Text.Json wraps the reader's own JsonException when the text is not JSON at all; else the JSON does not fit the type.
    private static ProblemResult Json(JsonException exception) => exception.InnerException is JsonException
        ? new(ProblemCatalogue.MalformedJson, $"Line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}.")
        : Problems.Validation(Members(exception).Select(member => KeyValuePair.Create(member, Misfit)), detail: null);

    // The path names what is wrong, but for missing members it stops at their parent, and only the message has their names.
    private static IEnumerable<string> Members(JsonException exception)
    {
        var path = exception.Path is null or "$" ? "" : exception.Path.TrimStart('$').TrimStart('.');
        var missing = MissingMembers().Match(exception.Message).Groups["name"].Captures;
        return missing.Count == 0 ? [path.Length == 0 ? "$" : path] : missing.Select(name => path.Length == 0 ? name.Value : $"{path}.{name.Value}");
    }

    [GeneratedRegex("missing required properties including: ('(?<name>[^']+)'[, ]*)+")]
    private static partial Regex MissingMembers();
}
