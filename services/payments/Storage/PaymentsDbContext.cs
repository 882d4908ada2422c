using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;
using Shop.BuildingBlocks.Transactions;
using Shop.Payments.Charges;
using Shop.Payments.Customers;
using Shop.Payments.Deposits;
using Shop.Payments.Ledger;
using Shop.Payments.Settlements;
using Shop.Payments.Wallets;

namespace Shop.Payments.Storage;

/// <summary>Payments' database: customers, wallets, the ledger, payments, deposits, and what every participant has.</summary>
internal sealed class PaymentsDbContext(DbContextOptions<PaymentsDbContext> options) : ShopDbContext(options)
{
    public DbSet<CustomerAccount> Customers => Set<CustomerAccount>();

    public DbSet<Wallet> Wallets => Set<Wallet>();

    public DbSet<Payment> Payments => Set<Payment>();

    public DbSet<LedgerEntry> LedgerEntries => Set<LedgerEntry>();

    public DbSet<Deposit> Deposits => Set<Deposit>();

    public DbSet<Settlement> Settlements => Set<Settlement>();

    public DbSet<UnsettledBooking> Unsettled => Set<UnsettledBooking>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.MapOperations();
        modelBuilder.Entity<CustomerAccount>(customer =>
        {
            customer.ToTable("customers");
            customer.HasKey(c => c.Id);
        });
        modelBuilder.Entity<Wallet>(wallet =>
        {
            wallet.ToTable("wallets");
            wallet.HasKey(w => w.CustomerId);
            wallet.Ignore(w => w.IsClosed);
        });
        modelBuilder.Entity<Payment>(payment =>
        {
            payment.ToTable("payments");
            payment.HasKey(p => p.OrderId);
            payment.ComplexProperty(p => p.Amount, amount =>
            {
                amount.Property(m => m.Amount).HasColumnName("amount");
                amount.Property(m => m.Currency).HasColumnName("currency");
            });
        });
        modelBuilder.Entity<LedgerEntry>(entry =>
        {
            entry.ToTable("ledger_entries");
            entry.HasKey(e => e.Id);
        });
        modelBuilder.Entity<Deposit>(deposit =>
        {
            deposit.ToTable("deposits");
            deposit.HasKey(d => d.Id);
        });
        modelBuilder.Entity<Settlement>(settlement =>
        {
            settlement.ToTable("settlements");
            settlement.HasKey(s => new { s.Day, s.Currency });
            settlement.Property(s => s.Day).HasConversion(day => day.DayNumber, number => DateOnly.FromDayNumber(number));
            settlement.Ignore(s => s.Net);
        });
        modelBuilder.Entity<UnsettledBooking>(booking =>
        {
            booking.ToTable("unsettled");
            booking.HasKey(b => b.EntryId);
        });
        UseShopConventions(modelBuilder);
    }
}
