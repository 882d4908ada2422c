using Shop.Contracts;

namespace Shop.Payments.Wallets;

/// <summary>One customer's money: what is free, and what is held for payments that are authorized but not captured.</summary>
/// <remarks>Changed only through <see cref="Ledger.Bookkeeper"/>, which writes the entries that belong to the change.</remarks>
internal sealed class Wallet
{
    /// <summary>The shop has one currency; the column is there so that no amount goes without.</summary>
    public const string ShopCurrency = "EUR";

    private Wallet(long customerId, string currency, long balance, long held, long version, DateTimeOffset? closedAt)
    {
        ClosedAt = closedAt;
        CustomerId = customerId;
        Currency = currency;
        Balance = balance;
        Held = held;
        Version = version;
    }

    public long CustomerId { get; private set; }

    public string Currency { get; private set; }

    public long Balance { get; private set; }

    public long Held { get; private set; }

    public long Version { get; private set; }

    public DateTimeOffset? ClosedAt { get; private set; }

    /// <summary>Nothing can be paid in or charged any more. What an order gives back still comes in: it is the customer's.</summary>
    public bool IsClosed => ClosedAt is not null;

    public static Wallet Open(long customerId) => new(customerId, ShopCurrency, balance: 0, held: 0, version: 1, closedAt: null);

    /// <summary>False, without effect, unless it is empty and nothing is held. What was closed before stays as it is.</summary>
    public bool TryClose(DateTimeOffset at)
    {
        if ((Balance, Held) != (0, 0))
        {
            return false;
        }

        if (!IsClosed)
        {
            ClosedAt = at;
            Version++;
        }

        return true;
    }

    /// <summary>False, without effect, if it is closed, the balance is short or the currency is another one.</summary>
    public bool TryPay(Money amount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(amount.Amount);
        if (IsClosed || amount.Currency != Currency || amount.Amount > Balance)
        {
            return false;
        }

        Balance -= amount.Amount;
        Version++;
        return true;
    }

    /// <summary>Sets the amount aside. False, without effect, if it is closed, the balance is short or the currency is another one.</summary>
    public bool TryHold(Money amount)
    {
        if (!TryPay(amount))
        {
            return false;
        }

        Held = checked(Held + amount.Amount);
        return true;
    }

    /// <summary>What was set aside leaves the wallet.</summary>
    public void PayHeld(Money amount)
    {
        TakeHeld(amount);
        Version++;
    }

    /// <summary>What was set aside can be spent again.</summary>
    public void FreeHeld(Money amount)
    {
        TakeHeld(amount);
        Receive(amount);
    }

    public void Receive(Money amount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(amount.Amount);
        Balance = (new Money(Balance, Currency) + amount).Amount;
        Version++;
    }

    private void TakeHeld(Money amount)
    {
        if (amount.Currency != Currency || amount.Amount < 0 || amount.Amount > Held)
        {
            throw new InvalidOperationException($"Customer {CustomerId} has {Held} held, not {amount}.");
        }

        Held -= amount.Amount;
    }
}
