using Shop.Benchmarks.Frame;

namespace Shop.UnitTests.Benchmarks;

/// <summary>A quantile is never too low, and at most 1.6 % too high.</summary>
public sealed class LatencyHistogramTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(10_000)]
    [InlineData(123_456_789)]
    [InlineData(long.MaxValue)]
    public void A_duration_lies_in_its_class(long ticks)
    {
        var index = LatencyHistogram.IndexOf(ticks);

        Assert.InRange(ticks, index == 0 ? 0 : LatencyHistogram.UpperEnd(index - 1) + 1, LatencyHistogram.UpperEnd(index));
        Assert.True(LatencyHistogram.UpperEnd(index) - ticks <= ticks * 0.016);
    }

    [Fact]
    public void Quantiles_are_those_of_what_was_recorded()
    {
        var histogram = new LatencyHistogram();
        for (var milliseconds = 1; milliseconds <= 1_000; milliseconds++)
        {
            histogram.Record(TimeSpan.FromMilliseconds(milliseconds));
        }

        Assert.Equal(1_000, histogram.Count);
        Assert.InRange(histogram.Milliseconds(0.5)!.Value, 500, 508);
        Assert.InRange(histogram.Milliseconds(0.99)!.Value, 990, 1_006);
        Assert.InRange(histogram.Milliseconds(1)!.Value, 1_000, 1_016);
    }

    [Fact]
    public void Nothing_recorded_has_no_quantile() => Assert.Null(new LatencyHistogram().Milliseconds(0.5));
}
