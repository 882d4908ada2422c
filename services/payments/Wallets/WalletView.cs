using Shop.Contracts;

namespace Shop.Payments.Wallets;

/// <summary>A wallet as its owner sees it.</summary>
internal sealed record WalletView(Money Balance, Money Held)
{
    public static WalletView Of(Wallet wallet) => new(new Money(wallet.Balance, wallet.Currency), new Money(wallet.Held, wallet.Currency));
}
