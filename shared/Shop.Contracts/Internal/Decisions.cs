namespace Shop.Contracts.Internal;

/// <summary>A participant that holds something for these orders asks what was decided about them.</summary>
public sealed record ResolveDecisions(IReadOnlyList<long> OrderIds);

/// <summary>The one decision about an order's transaction: commit or not. Asked about one that was not decided, the answer is no, for ever.</summary>
/// <remarks>Presumed abort: Mohan, Lindsay and Obermarck, Transaction Management in the R* Distributed Database Management System (1986).</remarks>
public sealed record Decision(long OrderId, bool Commit);
