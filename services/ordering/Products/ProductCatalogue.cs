using System.Collections.Concurrent;
using System.Net;
using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts;
using Shop.Contracts.Internal;
using Shop.Contracts.Messages;
using Shop.Ordering.Storage;
using Shop.ServiceDefaults;

namespace Shop.Ordering.Products;

/// <summary>What ordering knows of the products: in memory, kept in its own database, fed by inventory's events, one look-up on a miss.</summary>
/// <remarks>It may lag behind inventory by the time an event travels; an order keeps the price that was known here when it was placed.</remarks>
internal sealed class ProductCatalogue(Database<OrderingDbContext> database, IHttpClientFactory http)
{
    private static readonly TimeSpan RefreshTimeout = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, ProductSnapshot> _products = new(StringComparer.Ordinal);

    /// <summary>The product if it is known here, without asking anybody.</summary>
    public ProductSnapshot? Known(string sku) => _products.GetValueOrDefault(sku);

    /// <returns>Null when there is no such product.</returns>
    /// <exception cref="HttpRequestException">It is not known here and inventory cannot be asked.</exception>
    public async ValueTask<ProductSnapshot?> FindAsync(string sku, CancellationToken cancellationToken)
    {
        // What does not look like a SKU never becomes part of an internal address.
        var known = Known(sku);
        if (known is not null || !Sku.IsWellFormed(sku))
        {
            return known;
        }

        using var inventory = http.CreateClient(ServiceNames.Inventory);
        using var response = await inventory.GetAsync(new Uri($"/internal/products/{Uri.EscapeDataString(sku)}", UriKind.Relative), cancellationToken);
        if (response.StatusCode is HttpStatusCode.NotFound)
        {
            return null;
        }

        response.EnsureSuccessStatusCode();
        var found = (await response.Content.ReadFromJsonAsync<ProductSnapshot>(cancellationToken))!;
        await database.WriteAsync(db => StoreAsync(db, [found], cancellationToken), cancellationToken);
        return found;
    }

    /// <summary>Takes over what was known before a restart.</summary>
    public async Task RestoreAsync(CancellationToken cancellationToken)
    {
        var products = await database.ReadAsync(db => db.Products.ToListAsync(cancellationToken), cancellationToken);
        Remember([.. products.Select(p => p.ToSnapshot())]);
    }

    /// <summary>Fetches everything that inventory has.</summary>
    /// <exception cref="OperationCanceledException">It took too long.</exception>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        // The whole list takes longer than a call may, and a replica that says nothing is not to be waited for.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(RefreshTimeout);
        using var inventory = http.CreateClient(ServiceNames.Inventory).WithoutTimeout();
        var all = await inventory.GetFromJsonAsync<List<ProductSnapshot>>("/internal/products", patience.Token);
        await database.WriteAsync(db => StoreAsync(db, all!, cancellationToken), cancellationToken);
    }

    public Task ApplyAsync(OrderingDbContext db, IReadOnlyList<ProductChanged> changes, CancellationToken cancellationToken) => changes.Count == 0
        ? Task.CompletedTask
        : StoreAsync(db, [.. changes.Select(c => new ProductSnapshot(c.Sku, c.Name, c.Price, c.Version))], cancellationToken);

    private async Task StoreAsync(OrderingDbContext db, IReadOnlyList<ProductSnapshot> snapshots, CancellationToken cancellationToken)
    {
        var skus = snapshots.Select(s => s.Sku).Distinct().ToList();
        var stored = await db.Products.Where(p => skus.Contains(p.Sku)).OrderBy(p => p.Sku).ForUpdate().ToDictionaryAsync(p => p.Sku, cancellationToken);
        foreach (var snapshot in snapshots)
        {
            if (stored.TryGetValue(snapshot.Sku, out var product))
            {
                product.Update(snapshot);
            }
            else
            {
                product = Product.From(snapshot);
                stored.Add(snapshot.Sku, product);
                db.Add(product);
            }
        }

        db.OnCommitted(() => Remember(snapshots));
    }

    private void Remember(IReadOnlyList<ProductSnapshot> snapshots)
    {
        foreach (var snapshot in snapshots)
        {
            _products.AddOrUpdate(snapshot.Sku, snapshot, (_, known) => snapshot.Version > known.Version ? snapshot : known);
        }
    }
}
