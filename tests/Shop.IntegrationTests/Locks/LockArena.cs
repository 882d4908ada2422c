using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Locks;
using Shop.BuildingBlocks.Locks.Fencing;
using Shop.BuildingBlocks.Storage;
using Shop.IntegrationTests.Inventory;
using Shop.Inventory.Storage;

namespace Shop.IntegrationTests.Locks;

/// <summary>A guarded resource: a table that takes the tokens of accepted writes in their order, in a database that issues the tokens.</summary>
internal sealed class LockArena : IAsyncDisposable
{
    private readonly InventoryHost _host;
    private int _inside;
    private int _overlaps;

    private LockArena(InventoryHost host) => _host = host;

    /// <summary>How often somebody came in while another one believed to hold the lock.</summary>
    public int Overlaps => Volatile.Read(ref _overlaps);

    public Database<InventoryDbContext> Database => _host.Service.Get<Database<InventoryDbContext>>();

    public static async Task<LockArena> StartAsync()
    {
        var arena = new LockArena(await InventoryHost.StartAsync(("cup", 10)));
        await arena.RunAsync("CREATE TABLE accepted (resource TEXT, token BIGINT)");
        return arena;
    }

    public FencedLocks<InventoryDbContext> Fence(ILocks locks) => new(locks, Database);

    /// <summary>The next token will be this one.</summary>
    public Task StartTokensAsync(string resource, long first) =>
        Database.WriteAsync(db => db.Database.ExecuteSqlAsync($"INSERT INTO fences (resource, token, used) VALUES ({resource}, {first - 1}, 0)"), default);

    /// <summary>A guarded write.</summary>
    public Task WriteAsync(FencedLock held) => Database.WriteOrRepeatAsync(
        async db =>
        {
            await db.PassFenceAsync(held, default);
            return await db.Database.ExecuteSqlAsync($"INSERT INTO accepted VALUES ({held.Resource}, {held.Token})");
        },
        default);

    public async Task<IDisposable> EnterAsync(FencedLock held)
    {
        var inside = new Inside(this);
        await WriteAsync(held);
        return inside;
    }

    public Task<List<long>> AcceptedAsync(string resource) => Database.ReadAsync(
        db => db.Database.SqlQuery<long>($"""SELECT token AS "Value" FROM accepted WHERE resource = {resource} ORDER BY rowid""").ToListAsync(), default);

    /// <summary>Writes that were accepted after a write with the same or a newer token.</summary>
    public async Task<int> ViolationsAsync(string resource)
    {
        var accepted = await AcceptedAsync(resource);
        return accepted.Zip(accepted.Skip(1)).Count(pair => pair.Second <= pair.First);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private Task RunAsync(string sql) => Database.WriteAsync(db => db.Database.ExecuteSqlRawAsync(sql), default);

    private sealed class Inside : IDisposable
    {
        private readonly LockArena _arena;

        public Inside(LockArena arena)
        {
            _arena = arena;
            if (Interlocked.Increment(ref arena._inside) > 1)
            {
                Interlocked.Increment(ref arena._overlaps);
            }
        }

        public void Dispose() => Interlocked.Decrement(ref _arena._inside);
    }
}
