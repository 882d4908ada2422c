namespace Shop.BuildingBlocks.Sessions;

/// <summary>A logged-in customer, from one login to its end.</summary>
/// <remarks>A copy of what the store held at one moment: it may have ended since.</remarks>
public sealed record Session(long CustomerId, string CustomerName, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt)
{
    /// <summary>In whole milliseconds, which every store can keep.</summary>
    public static Session Start(long customerId, string customerName, ShopSessionOptions options, DateTimeOffset now)
    {
        var start = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds());
        return new Session(customerId, customerName, start, start).Slide(options, start);
    }

    public bool IsOver(DateTimeOffset now) => ExpiresAt <= now;

    /// <summary>Moves the end to one idle timeout from now, but never past the absolute one.</summary>
    public Session Slide(ShopSessionOptions options, DateTimeOffset now)
    {
        var (idle, absolute) = (now + options.IdleTimeout, CreatedAt + options.AbsoluteTimeout);
        return this with { ExpiresAt = idle < absolute ? idle : absolute };
    }

    /// <summary>Whether sliding would gain at least a tenth of the idle timeout: a read is not worth a write each time.</summary>
    public bool IsDueToSlide(ShopSessionOptions options, DateTimeOffset now) =>
        Slide(options, now).ExpiresAt - ExpiresAt >= options.IdleTimeout / 10;
}
