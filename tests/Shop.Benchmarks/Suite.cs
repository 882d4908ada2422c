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
        new Ids(clock),
        new Gateway(clock),
        new HotSku(clock),
        new ColdReserve(clock),
        new Contention(clock),
        new Protocols(clock),
        new Relay(clock),
        new Consumer(clock),
        new OrderCreate(clock),
        new SessionRead(clock),
        new Redlock(clock),
        new Overload(clock),
        new Guards(clock),
        new Growth(clock),
    ];
}
