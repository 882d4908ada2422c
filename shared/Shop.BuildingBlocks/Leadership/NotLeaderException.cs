namespace Shop.BuildingBlocks.Leadership;

/// <summary>A write was refused, because this process does not lead any more. Nothing of it was written.</summary>
/// <remarks>To repeat it is useless: another process does the work now, with <see cref="Current"/> or a later epoch.</remarks>
public sealed class NotLeaderException(string duty, long epoch, long? current) : Exception(current is null
    ? $"The lead of '{duty}' with epoch {epoch} is over."
    : $"The lead of '{duty}' with epoch {epoch} is over: epoch {current} has begun.")
{
    /// <summary>The epoch that the database knows; null where the process knew by itself.</summary>
    public long? Current { get; } = current;
}
