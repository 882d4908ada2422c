namespace Shop.BuildingBlocks.Alarms;

/// <summary>Something that people should know of, from when it was seen first until it is over. However often it is seen meanwhile, it is one alarm.</summary>
public sealed class Alarm(long id, string subject, string cause, string text, DateTimeOffset raisedAt)
{
    public long Id { get; private set; } = id;

    /// <summary>What it is about: <c>job:clean-up</c>, <c>orders</c>, <c>dead-letters</c>.</summary>
    public string Subject { get; private set; } = subject;

    /// <summary>What is wrong with it: <c>failed</c>, <c>late</c>, <c>waiting</c>.</summary>
    public string Cause { get; private set; } = cause;

    /// <summary>As it was seen last.</summary>
    public string Text { get; private set; } = text;

    public DateTimeOffset RaisedAt { get; private set; } = raisedAt;

    public DateTimeOffset LastAt { get; private set; } = raisedAt;

    /// <summary>How often it was seen.</summary>
    public long Count { get; private set; } = 1;

    public DateTimeOffset? ResolvedAt { get; private set; }

    /// <summary>When somebody is to be told next; null when nothing is left to tell.</summary>
    public DateTimeOffset? NotifyAt { get; private set; } = raisedAt;

    /// <summary>How often the telling that is due was tried.</summary>
    public int NotifyTries { get; private set; }

    public DateTimeOffset? NotifiedAt { get; private set; }

    /// <summary>So many times somebody was told of it, its end included.</summary>
    public int Notified { get; private set; }

    /// <summary>Whoever calls this has the telling to himself until <paramref name="until"/>.</summary>
    public void ClaimTelling(DateTimeOffset until)
    {
        NotifyTries++;
        NotifyAt = until;
    }

    /// <summary>Somebody was told. An alarm that stays open is told again at <paramref name="again"/>.</summary>
    public void Told(DateTimeOffset now, DateTimeOffset again)
    {
        Notified++;
        NotifiedAt = now;
        NextTelling(again);
    }

    /// <summary>It could not be told; <paramref name="next"/> is the next try, or the next repeat where the tries are used up.</summary>
    public void NotTold(DateTimeOffset next, bool giveUp)
    {
        if (giveUp)
        {
            NextTelling(next);
        }
        else
        {
            NotifyAt = next;
        }
    }

    private void NextTelling(DateTimeOffset again)
    {
        NotifyTries = 0;
        NotifyAt = ResolvedAt is null ? again : null;
    }
}
