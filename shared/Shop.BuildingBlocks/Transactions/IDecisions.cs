using Shop.Contracts.Internal;

namespace Shop.BuildingBlocks.Transactions;

/// <summary>The coordinator's log of decisions, as a participant sees it.</summary>
public interface IDecisions
{
    /// <summary>What was decided about each of the orders. What was not decided yet is decided by this question: abort.</summary>
    /// <exception cref="HttpRequestException">The log cannot be read: nothing may be concluded, and what is held stays held.</exception>
    Task<IReadOnlyList<Decision>> ResolveAsync(IReadOnlyList<long> orderIds, CancellationToken cancellationToken);
}
