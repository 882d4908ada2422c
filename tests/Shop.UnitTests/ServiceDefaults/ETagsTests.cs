using Shop.ServiceDefaults;

namespace Shop.UnitTests.ServiceDefaults;

public sealed class ETagsTests
{
    private const string Current = "\"5\"";

    [Theory]
    [InlineData("\"5\"")]
    [InlineData("W/\"5\"")]
    [InlineData("\"4\", W/\"5\"")]
    [InlineData("*")]
    public void If_None_Match_compares_weakly(string header) => Assert.True(ETags.NoneMatchHits([header], Current));

    [Theory]
    [InlineData("\"4\"")]
    [InlineData("5")]
    [InlineData("")]
    public void If_None_Match_of_another_tag_or_of_garbage_matches_nothing(string header) =>
        Assert.False(ETags.NoneMatchHits([header], Current));

    [Fact]
    public void If_Match_compares_strongly()
    {
        Assert.True(new IfMatch("\"4\", \"5\"").Allows(5));
        Assert.True(new IfMatch("*").Allows(5));
        Assert.False(new IfMatch("W/\"5\"").Allows(5));
        Assert.False(new IfMatch("garbage").Allows(5));
    }

    [Fact]
    public void Without_If_Match_every_version_may_be_changed() => Assert.True(default(IfMatch).Allows(5));
}
