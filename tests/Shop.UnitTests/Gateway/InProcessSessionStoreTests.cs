using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Sessions;
using Shop.UnitTests.ServiceDefaults;

namespace Shop.UnitTests.Gateway;

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
    public async Task A_session_ends_when_it_is_idle_too_long()
    {
        var key = await LogInAsync();

        _clock.Advance(TimeSpan.FromMinutes(19));
        Assert.NotNull(await _store.FindAsync(key, default));
        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Null(await _store.FindAsync(key, default));
        Assert.Equal(CartOutcome.NoSession, (await PutAsync(key, "tea", 1)).Outcome);
    }

    [Fact]
    public async Task A_session_that_is_used_lives_on_but_not_past_its_absolute_end()
    {
        var key = await LogInAsync();
        for (var i = 0; i < 3; i++)
        {
            _clock.Advance(TimeSpan.FromMinutes(19));
            Assert.NotNull(await _store.TouchAsync(key, default));
        }

        _clock.Advance(TimeSpan.FromMinutes(3));

        Assert.Null(await _store.FindAsync(key, default));
    }

    [Fact]
    public void A_session_slides_once_in_a_tenth_of_the_idle_time()
    {
        var session = Session.Start(1, "ann", _options, _clock.GetUtcNow());

        Assert.False(session.IsDueToSlide(_options, _clock.GetUtcNow() + TimeSpan.FromSeconds(119)));
        Assert.True(session.IsDueToSlide(_options, _clock.GetUtcNow() + TimeSpan.FromSeconds(120)));
    }

    [Fact]
    public async Task Logging_out_everywhere_ends_all_sessions_of_that_customer_only()
    {
        var (here, there, somebodyElse) = (await LogInAsync(), await LogInAsync(), await LogInAsync(customer: 2));

        await _store.DeleteAllAsync(1, default);

        Assert.Null(await _store.FindAsync(here, default));
        Assert.Null(await _store.FindAsync(there, default));
        Assert.NotNull(await _store.FindAsync(somebodyElse, default));
    }

    [Fact]
    public async Task Parallel_changes_to_one_cart_all_survive()
    {
        for (var round = 0; round < 200; round++)
        {
            var key = await LogInAsync();
            var before = (await _store.GetCartAsync(key, default))!.Version;

            await Parallel.ForAsync(0, Cart.MaxItems, async (i, _) => await PutAsync(key, $"sku-{i}", 1));

            var cart = (await _store.GetCartAsync(key, default))!;
            Assert.Equal(Cart.MaxItems, cart.Items.Count);
            Assert.Equal(before + Cart.MaxItems, cart.Version);
        }
    }

    [Fact]
    public async Task Of_two_changes_that_expect_the_same_version_one_is_stale()
    {
        var key = await LogInAsync();
        var version = (await _store.GetCartAsync(key, default))!.Version;

        var changes = await Task.WhenAll(
            Task.Run(async () => await PutAsync(key, "tea", 1, version)), Task.Run(async () => await PutAsync(key, "milk", 1, version)));

        Assert.Equal([CartOutcome.Changed, CartOutcome.Stale], changes.Select(change => change.Outcome).Order());
    }

    [Fact]
    public async Task The_fifty_first_item_does_not_fit_but_a_known_one_still_changes()
    {
        var key = await LogInAsync();
        for (var i = 0; i < Cart.MaxItems; i++)
        {
            await PutAsync(key, $"sku-{i}", 1);
        }

        Assert.Equal(CartOutcome.Full, (await PutAsync(key, "one-more", 1)).Outcome);
        Assert.Equal(CartOutcome.Changed, (await PutAsync(key, "sku-7", 2)).Outcome);
    }

    [Fact]
    public async Task Ordering_a_cart_leaves_what_came_into_it_since()
    {
        var key = await LogInAsync();
        await PutAsync(key, "tea", 2);
        await PutAsync(key, "milk", 1);
        await PutAsync(key, "sugar", 4);
        var ordered = (await _store.GetCartAsync(key, default))!;

        await PutAsync(key, "tea", 5);
        await _store.RemoveItemAsync(key, "sugar", null, default);
        await PutAsync(key, "sugar", 4);
        await PutAsync(key, "bread", 1);
        await _store.RemoveOrderedAsync(key, ordered, default);

        var left = (await _store.GetCartAsync(key, default))!;
        Assert.Equal([new CartItem("tea", 3), new CartItem("sugar", 4), new CartItem("bread", 1)], left.Items);
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

    private async Task<SessionKey> LogInAsync(long customer = 1)
    {
        var (_, key) = SessionKey.New();
        await _store.CreateAsync(key, Session.Start(customer, "ann", _options, _clock.GetUtcNow()), default);
        return key;
    }

    private async Task<CartChange> PutAsync(SessionKey key, string sku, int quantity, long? expected = null) =>
        await _store.PutItemAsync(key, new CartItem(sku, quantity), expected, default);
}
