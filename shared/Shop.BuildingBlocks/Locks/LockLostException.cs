namespace Shop.BuildingBlocks.Locks;

/// <summary>The lock was lost before it was used; what it was to guard has not been done.</summary>
public sealed class LockLostException(string resource) : Exception($"{resource}: the lock was lost before it was used")
{
    public string Resource { get; } = resource;
}
