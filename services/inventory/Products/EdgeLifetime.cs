using System.Globalization;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Storage;
using Shop.Inventory.Storage;

namespace Shop.Inventory.Products;

/// <summary>What a cache in front of the services may keep, and for how long: browsers ask again each time, with the ETag.</summary>
/// <remarks>Where this process is the only one with the database its own answers are never stale, and nobody else's should be.</remarks>
internal sealed class EdgeLifetime(IOptions<InventoryOptions> options, Database<InventoryDbContext> database)
{
    private readonly string _header = database.IsShared && options.Value.EdgeAge > TimeSpan.Zero
        ? string.Create(CultureInfo.InvariantCulture, $"public, max-age=0, s-maxage={(long)options.Value.EdgeAge.TotalSeconds}")
        : "no-cache";

    public void Allow(HttpResponse response) => response.Headers.CacheControl = _header;
}
