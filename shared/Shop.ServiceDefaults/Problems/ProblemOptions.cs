namespace Shop.ServiceDefaults;

/// <summary>How a service teaches the problem middleware exceptions that only it knows, such as those of its database driver.</summary>
/// <remarks>Asked in order for the exception and each of its inner ones; the first answer wins, before the built-in rules.</remarks>
public sealed class ProblemOptions
{
    public IList<Func<Exception, ProblemException?>> Mappings { get; } = [];
}
