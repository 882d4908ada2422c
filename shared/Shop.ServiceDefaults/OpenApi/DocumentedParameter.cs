namespace Shop.ServiceDefaults;

/// <summary>A header or query parameter that a binder reads by itself, so that the framework cannot know of it.</summary>
internal sealed record DocumentedParameter(string Name, bool InHeader, bool Required, string Type, string Description);
