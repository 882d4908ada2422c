namespace Shop.ServiceDefaults;

/// <summary>A header or query parameter that a binder reads by itself, so that the framework cannot know of it; or more about one that it knows.</summary>
/// <remarks>Documentation only: it binds nothing and checks nothing.</remarks>
public sealed record DocumentedParameter(string Name, bool InHeader, bool Required, string Type, string Description)
{
    /// <summary>The only values that are accepted; null where others are too.</summary>
    public IReadOnlyList<string>? Values { get; init; }

    public int? Minimum { get; init; }

    public int? Maximum { get; init; }

    /// <summary>As it would stand in JSON.</summary>
    public string? Default { get; init; }
}
