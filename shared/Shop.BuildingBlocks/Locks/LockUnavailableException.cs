namespace Shop.BuildingBlocks.Locks;

/// <summary>The servers that keep a lock do not answer, or too few of them do: nobody knows whether it is free.</summary>
public sealed class LockUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);
