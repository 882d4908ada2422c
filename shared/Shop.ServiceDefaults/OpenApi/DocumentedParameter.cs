namespace Shop.ServiceDefaults;

/// <summary>A header or query parameter that a binder reads by itself, so that the framework cannot know of it.</summary>
/// <remarks>Documentation only: it binds nothing and checks nothing.</remarks>
public sealed record DocumentedParameter(string Name, bool InHeader, bool Required, string Type, string Description);
