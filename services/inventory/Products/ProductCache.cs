using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Caching;
using Shop.BuildingBlocks.Messaging;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts;
using Shop.Contracts.Messages;
using Shop.Inventory.Storage;

namespace Shop.Inventory.Products;

/// <summary>Products as pages show them: what they are, kept for long and told of every change, and how many there are, kept for a moment.</summary>
/// <remarks>
/// Nothing that decides reads it: orders reserve in the database, other services get snapshots from there, operators read there. The number that is
/// available moves with each order, so nobody is told of it; it is only ever as old as <see cref="InventoryOptions.StockAge"/>. Where this process is the
/// only one with the database, it sees every change itself, and nothing here is stale.
/// </remarks>
internal sealed partial class ProductCache
{
    /// <summary>The lane of the outbox by which a change reaches Redis and, from there, every process.</summary>
    public const string Lane = "cache";

    public const string Name = "products";

    private readonly Database<InventoryDbContext> _database;
    private readonly SharedLevel? _shared;
    private readonly InvalidationFeed? _feed;
    private readonly TieredCache<ProductText> _products;
    private readonly TieredCache<StockFigure> _stock;
    private readonly TieredCache<ProductPage> _pages;
    private readonly TimeProvider _clock;
    private readonly ILogger<ProductCache> _logger;

    public ProductCache(
        Database<InventoryDbContext> database, IOptions<CacheOptions> cache, IOptions<InventoryOptions> inventory, TimeProvider clock,
        ILogger<ProductCache> logger, SharedLevel? shared = null, InvalidationFeed? feed = null)
    {
        (_database, _clock, _logger, _shared, _feed) = (database, clock, logger, shared, feed);
        _products = new TieredCache<ProductText>(Name, cache.Value.LocalLifetime, cache.Value, shared, () => feed?.HearsOfChanges ?? true, clock);

        // What callers may choose freely, such as where a page begins, is kept in this process only, where its number is bounded.
        _stock = new TieredCache<StockFigure>("stock", inventory.Value.StockAge, cache.Value, shared: null, () => true, clock);
        _pages = new TieredCache<ProductPage>("pages", inventory.Value.StockAge, cache.Value, shared: null, () => true, clock);
        if (feed is not null)
        {
            feed.Changed += OnChanged;
            feed.Lost += Clear;
        }
    }

    /// <summary>The product as a page shows it, or null where there is none.</summary>
    public async ValueTask<ShownProduct?> FindAsync(string sku, CancellationToken cancellationToken)
    {
        var product = await _products.GetAsync(sku, token => LoadAsync(sku, token), cancellationToken);
        if (product.Value is not { } text)
        {
            return null;
        }

        var stock = await _stock.GetAsync(sku, token => LoadStockAsync(sku, token), cancellationToken);
        return stock.Value is { } figure
            ? new ShownProduct(
                new ProductView(sku, text.Name, text.Description, text.Price, figure.Available),
                $"\"{product.Version}.{stock.Version}\"",
                AgeOf(stock),
                product.From)
            : null;
    }

    /// <summary>Products in the order of their SKUs, after this one.</summary>
    public async ValueTask<IReadOnlyList<ProductView>> PageAsync(string after, int take, CancellationToken cancellationToken) =>
        (await _pages.GetAsync($"{take} {after}", async token => new Versioned<ProductPage>(new(await QueryAsync(after, "", take, token)), 1), cancellationToken)).Value!.Items;

    /// <summary>Products whose name or SKU contains the text, from the database: what people look for is rarely looked for twice.</summary>
    public Task<List<ProductView>> QueryAsync(string after, string wanted, int take, CancellationToken cancellationToken) => _database.ReadAsync(
        db =>
        {
            // Contains, not LIKE: to a caller, % and _ are letters.
            var rows =
                from product in db.Products
                join stock in db.Stock on product.Sku equals stock.Sku
                where product.Sku.CompareTo(after) > 0 && (wanted == "" || product.SearchText.Contains(wanted))
                orderby product.Sku
                select new ProductView(product.Sku, product.Name, product.Description, product.Price, stock.Available);
            return rows.Take(take).ToListAsync(cancellationToken);
        },
        cancellationToken);

    /// <summary>Records the change with it, in its transaction: whatever happens after the commit, every process hears of it.</summary>
    public void Change(InventoryDbContext db, Product product)
    {
        db.Send(Lane, product.ToMessage());
        db.OnCommitted(() => Forget(product.Sku, product.Version)); // this process at once
    }

    public void Purge(InventoryDbContext db, string? sku) => db.Send(Lane, new PurgeProducts(sku));

    /// <summary>The stock of these has moved in this transaction.</summary>
    public void Move(InventoryDbContext db, IEnumerable<string> skus)
    {
        // With other processes at the same database this one hears of a part of the moves only: then the figure's short life is what bounds it.
        if (_database.IsShared)
        {
            return;
        }

        string[] moved = [.. skus];
        db.OnCommitted(() =>
        {
            foreach (var sku in moved)
            {
                _stock.Drop(sku);
            }

            _pages.Clear();
        });
    }

    /// <summary>Takes what the outbox holds for the caches to where it takes effect. Repeats do no harm.</summary>
    public async Task TellAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        var undecodable = new List<Undecodable>();
        foreach (var message in envelope.Parts.SelectMany(part => MessageCodec.Decode(part, undecodable)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            switch (message)
            {
                case ProductChanged change when _shared is not null:
                    await _shared.InvalidateAsync(Name, change.Sku, change.Version);
                    break;
                case ProductChanged change:
                    Forget(change.Sku, change.Version);
                    break;
                case PurgeProducts { Sku: { } sku } when _shared is not null:
                    await _shared.DropAsync(Name, sku);
                    break;
                case PurgeProducts { Sku: null } when _shared is not null:
                    await _shared.DropAllAsync(Name);
                    break;
                case PurgeProducts:
                    Clear();
                    break;
            }
        }

        foreach (var (payload, error) in undecodable)
        {
            Log.Unknown(_logger, payload, error);
        }
    }

    public CacheReport Report() => new(
        [.. new[] { (_products.Counters, _products.Count), (_stock.Counters, _stock.Count), (_pages.Counters, _pages.Count) }
            .Select(cache => new CacheState(cache.Counters.Cache, cache.Count, cache.Counters.All()))],
        _feed is null ? null : new FeedState(_feed.HearsOfChanges, _feed.Seen));

    private void OnChanged(Change change)
    {
        if (change.Cache != Name)
        {
            return;
        }

        if (change.IsOfAll)
        {
            Clear();
        }
        else if (change.Version is { } version)
        {
            Forget(change.Key, version);
        }
        else
        {
            _products.Drop(change.Key);
            _stock.Drop(change.Key);
            _pages.Clear();
        }
    }

    private void Forget(string sku, long version)
    {
        _products.Invalidate(sku, version);
        _pages.Clear();
    }

    private void Clear()
    {
        _products.Clear();
        _stock.Clear();
        _pages.Clear();
    }

    private Task<Versioned<ProductText>?> LoadAsync(string sku, CancellationToken cancellationToken) => _database.ReadAsync(
        db => db.Products
            .Where(p => p.Sku == sku)
            .Select(p => new Versioned<ProductText>(new ProductText(p.Name, p.Description, p.Price), p.Version))
            .SingleOrDefaultAsync(cancellationToken),
        cancellationToken);

    private Task<Versioned<StockFigure>?> LoadStockAsync(string sku, CancellationToken cancellationToken) => _database.ReadAsync(
        db => db.Stock
            .Where(i => i.Sku == sku)
            .Select(i => new Versioned<StockFigure>(new StockFigure(i.Available), i.Version))
            .SingleOrDefaultAsync(cancellationToken),
        cancellationToken);

    private TimeSpan AgeOf(Cached<StockFigure> stock) => _database.IsShared && stock.From is not CacheSource.Origin ? _clock.GetUtcNow() - stock.ReadAt : TimeSpan.Zero;

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "A change cannot be told to the caches, which will have the old value until it expires: {Payload}: {Error}")]
        public static partial void Unknown(ILogger logger, string payload, string error);
    }
}

/// <summary>What is cached of a product for long.</summary>
internal sealed record ProductText(string Name, string Description, Money Price);

/// <summary>What is cached of it for a moment.</summary>
internal sealed record StockFigure(long Available);

internal sealed record ProductPage(IReadOnlyList<ProductView> Items);

/// <param name="StockAge">How long ago the number that is available was read; it may have moved since.</param>
internal sealed record ShownProduct(ProductView View, string ETag, TimeSpan StockAge, CacheSource From);

internal sealed record CacheReport(IReadOnlyList<CacheState> Caches, FeedState? Feed);

internal sealed record CacheState(string Name, int Entries, IReadOnlyDictionary<string, long> Events);

/// <param name="Seen">The number of the last change that this process was told of.</param>
internal sealed record FeedState(bool HearsOfChanges, long Seen);
