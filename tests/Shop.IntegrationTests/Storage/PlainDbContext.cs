using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;

namespace Shop.IntegrationTests.Storage;

/// <summary>A service without tables of its own: outbox, dead letters and operations, as the building blocks bring them.</summary>
internal sealed class PlainDbContext(DbContextOptions<PlainDbContext> options) : ShopDbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        UseShopConventions(modelBuilder);
    }
}
