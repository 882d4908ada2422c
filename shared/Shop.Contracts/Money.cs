using System.Text.Json.Serialization;

namespace Shop.Contracts;

/// <summary>An amount in minor units (cents) of one currency (ISO 4217).</summary>
/// <remarks>Arithmetic is checked and never mixes currencies; it does not round, convert or format.</remarks>
[method: JsonConstructor] // else a struct is made by its empty constructor, and a missing currency is null
public readonly record struct Money(long Amount, string Currency)
{
    public static Money operator +(Money left, Money right) => new(checked(left.Amount + right.Amount), Same(left, right));

    public static Money operator -(Money left, Money right) => new(checked(left.Amount - right.Amount), Same(left, right));

    public static Money operator *(Money price, int quantity) => price with { Amount = checked(price.Amount * quantity) };

    public override string ToString() => $"{Amount} {Currency}";

    private static string Same(Money left, Money right) => left.Currency == right.Currency
        ? left.Currency
        : throw new InvalidOperationException($"Cannot combine {left.Currency} with {right.Currency}.");
}
