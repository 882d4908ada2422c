namespace Shop.Contracts.Messages;

/// <summary>Do all of this work in one transaction and prepare it: afterwards it can be committed or rolled back, whatever crashes.</summary>
/// <remarks>Until then its rows stay locked. Source: X/Open, Distributed Transaction Processing: The XA Specification (1991).</remarks>
/// <param name="Branch">The participant whose part this is (<see cref="ServiceNames"/>).</param>
public sealed record PrepareBranch(long OrderId, string Branch, IReadOnlyList<Message> Work) : OrderMessage(OrderId);

/// <summary>Commit what was prepared for the order.</summary>
public sealed record CommitBranch(long OrderId, string Branch) : OrderMessage(OrderId);

/// <summary>Roll back what was prepared for the order; if that has not arrived yet, shut it out.</summary>
public sealed record RollBackBranch(long OrderId, string Branch) : OrderMessage(OrderId);
