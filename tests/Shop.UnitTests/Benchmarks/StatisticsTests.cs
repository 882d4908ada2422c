using Shop.Benchmarks.Frame;

namespace Shop.UnitTests.Benchmarks;

public sealed class StatisticsTests
{
    [Theory]
    [InlineData(new double[0], null)]
    [InlineData(new double[] { 7 }, 7.0)]
    [InlineData(new double[] { 9, 1, 5 }, 5.0)]
    [InlineData(new double[] { 9, 1, 5, 6 }, 5.5)]
    public void The_median_stands_in_the_middle(double[] values, double? median) => Assert.Equal(median, values.Median());

    [Fact]
    public void The_slope_is_that_of_the_line_through_the_points() =>
        Assert.Equal(-2, new (double, double)[] { (0, 10), (1, 8), (2, 6), (3, 4) }.Slope(), precision: 9);

    [Fact]
    public void One_point_has_no_slope() => Assert.Equal(0, new (double, double)[] { (5, 10) }.Slope());
}
