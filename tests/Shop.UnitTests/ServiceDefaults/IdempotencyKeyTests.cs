using Shop.ServiceDefaults;

namespace Shop.UnitTests.ServiceDefaults;

public sealed class IdempotencyKeyTests
{
    [Theory]
    [InlineData("abc", "abc")]
    [InlineData("\"abc\"", "abc")]
    [InlineData("\"a\\\"b\\\\c\"", "a\"b\\c")]
    [InlineData("550e8400-e29b-41d4-a716-446655440000", "550e8400-e29b-41d4-a716-446655440000")]
    [InlineData("a b", "a b")]
    public void Raw_and_quoted_spellings_name_the_same_key(string header, string key)
    {
        Assert.True(IdempotencyKey.TryParse(header, out var parsed));
        Assert.Equal(key, parsed.Value);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("\"\"")]
    [InlineData("\"")]
    [InlineData("\"abc")]
    [InlineData("\"a\"b\"")]
    [InlineData("\"a\\\"")]
    [InlineData("\"a\\b\"")]
    [InlineData("\"a\";p=1")]
    [InlineData("schlüssel")]
    [InlineData("a\tb")]
    [InlineData("a\u007fb")]
    public void A_malformed_key_is_refused(string? header) => Assert.False(IdempotencyKey.TryParse(header, out _));

    [Fact]
    public void A_key_has_at_most_255_characters_however_it_is_spelled()
    {
        var longest = new string('k', IdempotencyKey.MaxLength);

        Assert.True(IdempotencyKey.TryParse(longest, out _));
        Assert.True(IdempotencyKey.TryParse($"\"{longest}\"", out _));
        Assert.False(IdempotencyKey.TryParse(longest + "k", out _));
        Assert.False(IdempotencyKey.TryParse($"\"{longest}k\"", out _));
    }
}
