using System.Text.Json.Serialization;
using Shop.Contracts;

namespace Shop.Payments.Ledger;

/// <summary>One change of a wallet as its owner sees it.</summary>
/// <param name="Amount">Negative where the wallet paid.</param>
internal sealed record LedgerEntryView(
    string Id,
    DateTimeOffset At,
    string Kind,
    Money Amount,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? OrderId = null);
