namespace Shop.BuildingBlocks.Storage;

/// <summary>Lets one writer at a time into a SQLite database, in the order they came.</summary>
/// <remarks>
/// SQLite has one writer anyway, and Microsoft.Data.Sqlite waits for it by sleeping 150 ms between tries; a queue in the process waits
/// only as long as it must. It guards nothing against other processes: the data directory has one owner.
/// </remarks>
internal sealed class WriteGate : IDisposable
{
    private readonly SemaphoreSlim _writer = new(1, 1);

    public async ValueTask<Turn> EnterAsync(CancellationToken cancellationToken)
    {
        await _writer.WaitAsync(cancellationToken);
        return new Turn(_writer);
    }

    public void Dispose() => _writer.Dispose();

    /// <summary>The right to write, until disposed.</summary>
    public sealed class Turn(SemaphoreSlim writer) : IDisposable
    {
        public void Dispose() => writer.Release();
    }
}
