using Microsoft.EntityFrameworkCore;

namespace Shop.BuildingBlocks.Storage;

/// <summary>Locks the rows that a query returns until the transaction ends. Order the query by key, or two transactions may wait for each other.</summary>
/// <remarks>Rows that a query does not find cannot be locked: inserts race, and a unique key decides. On SQLite these do nothing, because
/// a write transaction holds the only lock there is.</remarks>
public static class RowLocking
{
    internal const string ForUpdateComment = $"-- {ForUpdateTag}";
    internal const string SkipLockedComment = $"-- {SkipLockedTag}";

    private const string ForUpdateTag = "rows are locked";
    private const string SkipLockedTag = "free rows are locked";

    /// <summary>Waits for rows that another transaction has locked, and then reads them as that one left them.</summary>
    public static IQueryable<T> ForUpdate<T>(this IQueryable<T> query) => query.TagWith(ForUpdateTag);

    /// <summary>Leaves out rows that another transaction has locked: for work that any process may do.</summary>
    public static IQueryable<T> ForUpdateSkipLocked<T>(this IQueryable<T> query) => query.TagWith(SkipLockedTag);
}
