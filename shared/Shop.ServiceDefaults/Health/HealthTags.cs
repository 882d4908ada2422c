namespace Shop.ServiceDefaults;

/// <summary>Which probe asks a health check: a check without a tag is asked by none.</summary>
/// <remarks>Nothing is asked by <c>/health/live</c>: a process is not restarted because something else is broken.</remarks>
public static class HealthTags
{
    public const string Ready = "ready";
    public const string Startup = "startup";
}
