namespace Shop.ServiceDefaults;

/// <summary>One page of a list; <c>next</c> is the cursor of the following page, or null on the last one.</summary>
/// <remarks>A page may be the last one and full, or have a next one that turns out empty.</remarks>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Makes pages from the rows of a query that took <see cref="PageRequest.Take"/>.</summary>
/// <remarks>The rows must come in the order of the key that the cursor is made from, without duplicates.</remarks>
public static class Page
{
    /// <summary>The page of a query that took one row more than the page holds.</summary>
    public static PageResult<T> Ok<T>(IReadOnlyList<T> rows, PageRequest request, Func<T, string> cursor) =>
        rows.Count <= request.Limit
            ? Ok(rows, next: null)
            : Ok(rows.Take(request.Limit).ToList(), cursor(rows[request.Limit - 1]));

    public static PageResult<T> Ok<T>(IReadOnlyList<T> items, string? next) => new(new Page<T>(items, next));
}
