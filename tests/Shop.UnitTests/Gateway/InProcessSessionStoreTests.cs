using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Sessions;
using Shop.UnitTests.ServiceDefaults;

namespace Shop.UnitTests.Gateway;

/// <summary>What is special about this store; what all stores have in common is in the integration tests, for each of them.</summary>
public sealed class InProcessSessionStoreTests
{
    private readonly ManualClock _clock = new();
    private readonly ShopSessionOptions _options = new() { IdleTimeout = TimeSpan.FromMinutes(20), AbsoluteTimeout = TimeSpan.FromHours(1) };
    private readonly InProcessSessionStore _store;

    public InProcessSessionStoreTests() => _store = new(Options.Create(_options), _clock);

    [Fact]
    public void A_token_has_256_random_bits_and_is_not_its_key()
    {
        var (token, key) = SessionKey.New();

        Assert.Equal(43, token.Length);
        Assert.Equal(key, SessionKey.Of(token));
        Assert.DoesNotContain(token, key.Value, StringComparison.Ordinal);
        Assert.NotEqual(token, SessionKey.New().Token);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("chosen-by-me")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void What_does_not_look_like_a_token_never_reaches_the_store(string? token) => Assert.Null(SessionKey.Of(token));

    [Fact]
    public void A_session_slides_once_in_a_tenth_of_the_idle_time()
    {
        var session = Session.Start(1, "ann", _options, _clock.GetUtcNow());

        Assert.False(session.IsDueToSlide(_options, _clock.GetUtcNow() + TimeSpan.FromSeconds(119)));
        Assert.True(session.IsDueToSlide(_options, _clock.GetUtcNow() + TimeSpan.FromSeconds(120)));
    }

    [Fact]
    public async Task A_full_store_forgets_the_longest_idle_session_first()
    {
        _options.MaxSessions = 10;
        var first = await LogInAsync();
        _clock.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 10; i++)
        {
            await LogInAsync();
        }

        Assert.Equal(10, _store.Count);
        Assert.Null(await _store.FindAsync(first, default));
    }

    private async Task<SessionKey> LogInAsync()
    {
        var (_, key) = SessionKey.New();
        await _store.CreateAsync(key, Session.Start(1, "ann", _options, _clock.GetUtcNow()), default);
        return key;
    }
}
