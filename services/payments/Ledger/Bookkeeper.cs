using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts;
using Shop.Payments.Settlements;
using Shop.Payments.Storage;
using Shop.Payments.Wallets;

namespace Shop.Payments.Ledger;

/// <summary>The one place where money moves: a wallet and the two ledger entries that explain its change, in the caller's transaction.</summary>
/// <remarks>It does not ask whether a move has happened before: the operations table and the key of a deposit do.</remarks>
internal sealed class Bookkeeper(SnowflakeIdGenerator ids, TimeProvider clock)
{
    public void Welcome(PaymentsDbContext db, Wallet wallet, Money amount) =>
        Receive(db, wallet, amount, EntryKinds.Welcome, from: Accounts.Welcome);

    public void Deposit(PaymentsDbContext db, Wallet wallet, Money amount) =>
        Receive(db, wallet, amount, EntryKinds.Deposit, from: Accounts.Deposits);

    public void Refund(PaymentsDbContext db, Wallet wallet, Money amount, long orderId, string kind = EntryKinds.Refund) =>
        Receive(db, wallet, amount, kind, from: Accounts.Revenue, orderId);

    /// <summary>False, without effect, if the wallet cannot pay.</summary>
    public bool TryCharge(PaymentsDbContext db, Wallet wallet, Money amount, long orderId, string kind = EntryKinds.Charge)
    {
        if (!wallet.TryPay(amount))
        {
            return false;
        }

        Write(db, wallet, amount.Amount, kind, from: Accounts.Wallet, to: Accounts.Revenue, orderId);
        return true;
    }

    /// <summary>False, without effect, if the wallet cannot pay.</summary>
    public bool TryHold(PaymentsDbContext db, Wallet wallet, Money amount, long orderId)
    {
        if (!wallet.TryHold(amount))
        {
            return false;
        }

        Write(db, wallet, amount.Amount, EntryKinds.Authorization, from: Accounts.Wallet, to: Accounts.Held, orderId);
        return true;
    }

    public void Capture(PaymentsDbContext db, Wallet wallet, Money amount, long orderId, string kind = EntryKinds.Capture)
    {
        wallet.PayHeld(amount);
        Write(db, wallet, amount.Amount, kind, from: Accounts.Held, to: Accounts.Revenue, orderId);
    }

    public void Void(PaymentsDbContext db, Wallet wallet, Money amount, long orderId, string kind = EntryKinds.Void)
    {
        wallet.FreeHeld(amount);
        Write(db, wallet, amount.Amount, kind, from: Accounts.Held, to: Accounts.Wallet, orderId);
    }

    /// <summary>Moves a day's revenue to where it is settled; back, where more was given back than taken in.</summary>
    /// <returns>The transaction that states it.</returns>
    public long Settle(PaymentsDbContext db, long net)
    {
        var transaction = ids.Next();
        var at = clock.GetStorageTime();
        db.LedgerEntries.Add(new LedgerEntry(ids.Next(), transaction, customerId: null, Accounts.Revenue, -net, EntryKinds.Settlement, orderId: null, at));
        db.LedgerEntries.Add(new LedgerEntry(ids.Next(), transaction, customerId: null, Accounts.Settled, net, EntryKinds.Settlement, orderId: null, at));
        return transaction;
    }

    private void Receive(PaymentsDbContext db, Wallet wallet, Money amount, string kind, string from, long? orderId = null)
    {
        wallet.Receive(amount);
        Write(db, wallet, amount.Amount, kind, from, to: Accounts.Wallet, orderId);
    }

    private void Write(PaymentsDbContext db, Wallet wallet, long amount, string kind, string from, string to, long? orderId)
    {
        var transaction = ids.Next();
        var at = clock.GetStorageTime();
        db.LedgerEntries.Add(Entry(from, -amount));
        db.LedgerEntries.Add(Entry(to, +amount));

        LedgerEntry Entry(string account, long change)
        {
            var entry = new LedgerEntry(
                ids.Next(), transaction, Accounts.BelongsToCustomer(account) ? wallet.CustomerId : null, account, change, kind, orderId, at);
            if (account is Accounts.Revenue)
            {
                db.Unsettled.Add(new UnsettledBooking(entry.Id, at, kind, change, wallet.Currency));
            }

            return entry;
        }
    }
}
