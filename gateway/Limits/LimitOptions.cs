using System.ComponentModel.DataAnnotations;

namespace Shop.Gateway.Limits;

/// <summary>How much one caller, and all callers together, may ask.</summary>
/// <remarks>
/// The four quotas are counted for all gateways together where <c>Redis:ConnectionString</c> is set and Redis answers, and for each process by
/// itself otherwise: with two of them a caller may then get twice as much. What is worked on at the same time is counted for each process.
/// </remarks>
public sealed class LimitOptions
{
    public const string Section = "Limits";

    public QuotaOptions Session { get; set; } = new(500, TimeSpan.FromSeconds(1));

    /// <summary>Per client address, for requests without a session.</summary>
    public QuotaOptions Anonymous { get; set; } = new(5000, TimeSpan.FromSeconds(1));

    /// <summary>Logins and registrations with one name.</summary>
    public QuotaOptions LoginName { get; set; } = new(50, TimeSpan.FromMinutes(1));

    /// <summary>Logins and registrations from one address.</summary>
    public QuotaOptions LoginAddress { get; set; } = new(600, TimeSpan.FromMinutes(1));

    /// <summary>Requests that are worked on at the same time. By Little's law it bounds how late an answer may be under overload: this number by
    /// what is served in a second.</summary>
    [Range(1, int.MaxValue)]
    public int Concurrent { get; set; } = 256;

    /// <summary>Requests that prefer to wait for a final state, counted apart: while no order can become final they stay, and everybody else is still
    /// served.</summary>
    [Range(1, int.MaxValue)]
    public int ConcurrentWaits { get; set; } = 256;

    /// <summary>Requests of each kind that wait for their turn; one more is refused.</summary>
    [Range(0, int.MaxValue)]
    public int Queue { get; set; } = 128;

    /// <summary>How long a request waits for its turn at most: for a burst. Whoever is refused is to know at once.</summary>
    public TimeSpan QueueTimeout { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Event streams, which stay open for long, counted apart.</summary>
    [Range(1, int.MaxValue)]
    public int ConcurrentStreams { get; set; } = 2000;
}

/// <summary>A number of permits for each window of time.</summary>
public sealed class QuotaOptions(int permits, TimeSpan window)
{
    public QuotaOptions()
        : this(1, TimeSpan.FromSeconds(1))
    {
    }

    public int Permits { get; set; } = permits;

    public TimeSpan Window { get; set; } = window;
}
