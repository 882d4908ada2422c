using Shop.Benchmarks.Frame;
using Shop.Benchmarks.Rows;

namespace Shop.Benchmarks;

/// <summary>All rows, in the order in which they are run.</summary>
internal static class Suite
{
    /// <summary>Run by its name only: it takes as long as all others together.</summary>
    public static IBenchmark Soak { get; } = new Soak(TimeProvider.System);

    public static IReadOnlyList<IBenchmark> Rows { get; } = Create(TimeProvider.System);

    private static IReadOnlyList<IBenchmark> Create(TimeProvider clock) =>
    [
        new Checkout(clock),
    ];
}
