using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Shop.BuildingBlocks.Storage;
using Shop.BuildingBlocks.Transactions;
using Shop.Contracts.Messages;
using Shop.Inventory.Products;
using Shop.Inventory.Reservations;
using Shop.Inventory.Stock;

namespace Shop.Inventory.Storage;

/// <summary>Inventory's database: products, stock, reservations, receipts, counts, and what every participant has.</summary>
internal sealed class InventoryDbContext(DbContextOptions<InventoryDbContext> options) : ShopDbContext(options)
{
    public DbSet<Product> Products => Set<Product>();

    public DbSet<StockItem> Stock => Set<StockItem>();

    public DbSet<Reservation> Reservations => Set<Reservation>();

    public DbSet<Receipt> Receipts => Set<Receipt>();

    public DbSet<StockTake> StockTakes => Set<StockTake>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.MapOperations();
        modelBuilder.Entity<Product>(product =>
        {
            product.ToTable("products");
            product.HasKey(p => p.Sku);
            product.ComplexProperty(p => p.Price, price =>
            {
                price.Property(m => m.Amount).HasColumnName("price_amount");
                price.Property(m => m.Currency).HasColumnName("price_currency");
            });
        });
        modelBuilder.Entity<StockItem>(item =>
        {
            item.ToTable("stock");
            item.HasKey(i => i.Sku);
        });
        modelBuilder.Entity<Reservation>(reservation =>
        {
            reservation.ToTable("reservations");
            reservation.HasKey(r => r.OrderId);
            reservation.Property(r => r.Lines).HasConversion(lines => Write(lines), text => Read(text), LinesNeverChange);
        });
        modelBuilder.Entity<Receipt>(receipt =>
        {
            receipt.ToTable("receipts");
            receipt.HasKey(r => r.Id);
        });
        modelBuilder.Entity<StockTake>(take =>
        {
            take.ToTable("stock_takes");
            take.HasKey(t => t.Id);
            take.Ignore(t => t.Difference);
        });
        UseShopConventions(modelBuilder);
    }

    private static readonly ValueComparer<IReadOnlyList<StockLine>> LinesNeverChange = new(
        (left, right) => ReferenceEquals(left, right), lines => lines.Count, lines => lines);

    private static string Write(IReadOnlyList<StockLine> lines) => JsonSerializer.Serialize(lines, JsonSerializerOptions.Web);

    private static IReadOnlyList<StockLine> Read(string text) =>
        JsonSerializer.Deserialize<IReadOnlyList<StockLine>>(text, JsonSerializerOptions.Web)!;
}
