using System.Globalization;

namespace Shop.Payments.Wallets;

/// <summary>A wallet as operators see it when they close it.</summary>
internal sealed record ClosedWalletView(string CustomerId, DateTimeOffset? ClosedAt)
{
    public static ClosedWalletView Of(Wallet wallet) => new(wallet.CustomerId.ToString(CultureInfo.InvariantCulture), wallet.ClosedAt);
}
