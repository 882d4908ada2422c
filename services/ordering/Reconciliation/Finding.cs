using Shop.Contracts;

namespace Shop.Ordering.Reconciliation;

/// <summary>A difference as the facts show it, before anybody has recorded it.</summary>
/// <param name="Subject">An order id, or a service and the id of a letter.</param>
/// <param name="Alternative">What to suggest once the suggested correction was refused.</param>
/// <param name="Automatic">What the protocol had decided is only carried out: nobody has to agree.</param>
internal sealed record Finding(
    string Kind,
    string Subject,
    string What,
    object Evidence,
    string Correction,
    bool Automatic = false,
    string? Alternative = null,
    long? CustomerId = null,
    Money? Amount = null);
