namespace Shop.BuildingBlocks.Messaging;

/// <summary>What one look into the outbox has shown: how many rows it asked for, found, and sent in its envelope.</summary>
/// <remarks>
/// Of a backlog each look asks for twice as many rows as the one before, because what it costs to look, to wait for the confirm and to commit is
/// shared by all of them (2.5 x the messages in a second, where each row has one). Rows that do not fit into the envelope were read and locked for
/// nothing: the next look asks for what did fit.
/// </remarks>
internal readonly record struct OutboxLook(int Asked, int Found, int Sent)
{
    public const int First = 64;
    public const int Most = 512;

    /// <summary>False when the table had no more at that time. What this process has committed since has left its signal, and the poll finds the rest, so
    /// nobody looks again just to find nothing: that would be a second transaction for each envelope, a quarter of all commits of an order that is alone.</summary>
    public bool IsMoreThere => Found == Asked || Sent < Found;

    public int Next => Sent < Found ? Math.Clamp(Sent, First, Most) : IsMoreThere ? Math.Min(Asked * 2, Most) : First;
}
