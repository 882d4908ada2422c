using Shop.Benchmarks.Frame;
using Shop.Benchmarks.Rows;

namespace Shop.Benchmarks;

/// <summary>All rows, in the order in which they are run.</summary>
internal static class Suite
{
    public static IReadOnlyList<IBenchmark> Rows { get; } = Create(TimeProvider.System);

    private static IReadOnlyList<IBenchmark> Create(TimeProvider clock) =>
    [
        new Checkout(clock),
        new Ids(clock),
        new Gateway(clock),
    ];
}
