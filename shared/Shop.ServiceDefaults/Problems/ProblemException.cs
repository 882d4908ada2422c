namespace Shop.ServiceDefaults;

/// <summary>A refusal from a place that cannot return one, such as a parameter binder.</summary>
/// <remarks>Not a way out of a handler: an expected refusal there is a value, see <see cref="Problems"/>.</remarks>
public sealed class ProblemException(ProblemType type, string? detail = null) : Exception(detail ?? type.Title)
{
    public ProblemType Type => type;

    public string? Detail => detail;

    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>A <c>validation-failed</c> for one member.</summary>
    public static ProblemException Invalid(string member, string message) =>
        new(ProblemCatalogue.ValidationFailed) { Errors = new Dictionary<string, string[]> { [member] = [message] } };

    internal ProblemResult ToResult() => new(type, detail) { Errors = Errors, RetryAfter = RetryAfter };
}
