using Shop.ServiceDefaults;

namespace Shop.UnitTests.ServiceDefaults;

public sealed class PreferWaitTests
{
    [Theory]
    [InlineData("wait=5", 5)]
    [InlineData("Wait = 5", 5)]
    [InlineData("wait=\"5\"", 5)]
    [InlineData("respond-async, wait=5", 5)]
    [InlineData("wait=5;reason=hurry, wait=9", 5)]
    [InlineData("wait=soon, wait=9", 9)]
    [InlineData("wait=0", 0)]
    [InlineData("wait=31", 30)]
    [InlineData("wait=99999999999999999999", 30)]
    public void The_first_readable_wait_counts_and_is_at_most_30_seconds(string header, int seconds)
    {
        var preferred = PreferWait.Parse([header]);

        Assert.Equal(TimeSpan.FromSeconds(seconds), preferred.Wait);
        Assert.Equal($"wait={seconds}", preferred.Applied);
    }

    [Theory]
    [InlineData("")]
    [InlineData("wait")]
    [InlineData("wait=")]
    [InlineData("wait=-1")]
    [InlineData("wait=1.5")]
    [InlineData("wait=\"")]
    [InlineData("return=minimal")]
    [InlineData(",;=,wait=x")]
    public void What_cannot_be_read_is_ignored(string header)
    {
        Assert.Null(PreferWait.Parse([header]).Wait);
        Assert.Null(PreferWait.Parse([header]).Applied);
    }

    [Fact]
    public void Several_headers_are_read_as_one_list() => Assert.Equal(TimeSpan.FromSeconds(4), PreferWait.Parse(["return=minimal", "wait=4"]).Wait);
}
