using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;
using Shop.Ordering.Checkout;
using Shop.Ordering.Invariants;
using Shop.Ordering.Invoices;
using Shop.Ordering.Orders;
using Shop.Ordering.Products;
using Shop.Ordering.Reconciliation;

namespace Shop.Ordering.Storage;

internal sealed class OrderingDbContext(DbContextOptions<OrderingDbContext> options) : ShopDbContext(options)
{
    public DbSet<Order> Orders => Set<Order>();

    public DbSet<DecisionRow> Decisions => Set<DecisionRow>();

    public DbSet<Invoice> Invoices => Set<Invoice>();

    public DbSet<InvariantCheck> InvariantChecks => Set<InvariantCheck>();

    public DbSet<Product> Products => Set<Product>();

    public DbSet<ReconciliationRun> ReconciliationRuns => Set<ReconciliationRun>();

    public DbSet<Difference> Differences => Set<Difference>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<Order>(order =>
        {
            order.ToTable("orders");
            order.HasKey(o => o.Id);
            order.Ignore(o => o.Lines);
            order.Ignore(o => o.StockLines);
            order.Ignore(o => o.History);
            order.Ignore(o => o.Total);
            order.Ignore(o => o.IsFinal);
        });
        modelBuilder.Entity<DecisionRow>(decision =>
        {
            decision.ToTable("decisions");
            decision.HasKey(d => d.OrderId);
        });
        modelBuilder.Entity<Invoice>(invoice =>
        {
            invoice.ToTable("invoices");
            invoice.HasKey(i => new { i.Kind, i.Number });
        });
        modelBuilder.Entity<InvariantCheck>(check =>
        {
            check.ToTable("invariant_checks");
            check.HasKey(c => c.Id);
        });
        modelBuilder.Entity<Product>(product =>
        {
            product.ToTable("products");
            product.HasKey(p => p.Sku);
        });
        modelBuilder.Entity<ReconciliationRun>(run =>
        {
            run.ToTable("reconciliation_runs");
            run.HasKey(r => r.Id);
        });
        modelBuilder.Entity<Difference>(difference =>
        {
            difference.ToTable("differences");
            difference.HasKey(d => d.Id);
            difference.Ignore(d => d.IsOpen);
            difference.Ignore(d => d.AmountOwed);
        });
        UseShopConventions(modelBuilder);
    }
}
