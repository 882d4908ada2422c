namespace Shop.BuildingBlocks.Ids.Segments;

/// <summary>Numbers that the database gave to this process alone: from <paramref name="first"/> up to, and without, <paramref name="end"/>.</summary>
internal sealed class Segment(long first, long end)
{
    private long _next = first;

    public long End => end;

    public long Left => Math.Max(0, end - Volatile.Read(ref _next));

    public bool TryTake(out long number)
    {
        // The look keeps an empty segment from counting on without end.
        number = Volatile.Read(ref _next) < end ? Interlocked.Increment(ref _next) - 1 : end;
        return number < end;
    }
}
