using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;
using Shop.BuildingBlocks.Transactions;

namespace Shop.Benchmarks.Messaging;

/// <summary>A service's database with the outbox, the operations and the least that a service can do.</summary>
internal sealed class EffectsDbContext(DbContextOptions<EffectsDbContext> options) : ShopDbContext(options)
{
    public DbSet<Effect> Effects => Set<Effect>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.MapOperations();
        modelBuilder.Entity<Effect>(effect =>
        {
            effect.ToTable("effects");
            effect.HasKey(e => e.Id);
        });
        UseShopConventions(modelBuilder);
    }
}
