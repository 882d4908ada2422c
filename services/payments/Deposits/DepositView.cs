using System.Globalization;
using Shop.Contracts;
using Shop.Payments.Wallets;

namespace Shop.Payments.Deposits;

/// <summary>A wish to pay in.</summary>
internal sealed record DepositRequest(Money Amount);

/// <summary>A deposit as its owner sees it.</summary>
internal sealed record DepositView(string Id, Money Amount, DateTimeOffset CreatedAt)
{
    public static DepositView Of(Deposit deposit) => new(
        deposit.Id.ToString(CultureInfo.InvariantCulture), new Money(deposit.Amount, Wallet.ShopCurrency), deposit.CreatedAt);
}
