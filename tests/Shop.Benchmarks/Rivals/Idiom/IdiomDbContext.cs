using Microsoft.EntityFrameworkCore;

namespace Shop.Benchmarks.Rivals.Idiom;

/// <summary>The tables of <c>idiom-schema.sql</c>: those that pgbench has, with MassTransit's kind of id.</summary>
internal sealed class IdiomDbContext(DbContextOptions<IdiomDbContext> options) : DbContext(options)
{
    public DbSet<OrderRow> Orders => Set<OrderRow>();

    public DbSet<StockRow> Stock => Set<StockRow>();

    public DbSet<ReservationRow> Reservations => Set<ReservationRow>();

    public DbSet<WalletRow> Wallets => Set<WalletRow>();

    public DbSet<PaymentRow> Payments => Set<PaymentRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<OrderRow>().ToTable("orders").HasKey(row => row.Id);
        modelBuilder.Entity<StockRow>().ToTable("stock").HasKey(row => row.Sku);
        modelBuilder.Entity<ReservationRow>().ToTable("reservation").HasKey(row => row.OrderId);
        modelBuilder.Entity<WalletRow>().ToTable("wallet").HasKey(row => row.Id);
        modelBuilder.Entity<PaymentRow>().ToTable("payment").HasKey(row => row.OrderId);
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
        {
            property.SetColumnName(string.Concat(property.Name.Select((c, i) => i > 0 && char.IsUpper(c) ? $"_{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}")));
        }
    }
}

/// <param name="Status">0: pending, 1: confirmed, 2: rejected.</param>
internal sealed record OrderRow(Guid Id, int Customer, int Status, long Total);

internal sealed record StockRow(int Sku, long OnHand, long Reserved);

internal sealed record ReservationRow(Guid OrderId, int Sku, int Quantity, int State);

internal sealed record WalletRow(int Id, long Balance);

internal sealed record PaymentRow(Guid OrderId, int Wallet, long Amount, int State);
