namespace Shop.BuildingBlocks.Storage;

/// <summary>Brings this process's database to the schema of this version, as its start would, without starting anything else.</summary>
/// <remarks>Safe beside processes that start or run: the database lets one migrate at a time, and a step is applied once.</remarks>
public sealed class Migration(Func<CancellationToken, Task> apply)
{
    public Task ApplyAsync(CancellationToken cancellationToken) => apply(cancellationToken);
}
