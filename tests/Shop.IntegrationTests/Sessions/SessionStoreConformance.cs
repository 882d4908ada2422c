using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Sessions;
using Shop.UnitTests.Support;

namespace Shop.IntegrationTests.Sessions;

/// <summary>What every session store does, whatever it keeps the sessions in.</summary>
public abstract class SessionStoreConformance
{
    private static long _lastCustomer;

    private readonly long _customer = Interlocked.Increment(ref _lastCustomer); // stores that outlive a test are shared by the tests

    protected ManualTimeProvider Clock { get; } = new();

    protected ShopSessionOptions Options { get; } = new() { IdleTimeout = TimeSpan.FromMinutes(20), AbsoluteTimeout = TimeSpan.FromHours(1) };

    protected abstract ISessionStore Store { get; }

    [Theory]
    [InlineData("ann")]
    [InlineData("Zoë 'O\"Brien' :;\r\n{}\0")]
    public async Task A_session_is_found_as_it_was_made(string name)
    {
        var (_, key) = SessionKey.New();
        var session = Session.Start(_customer, name, Options, Clock.GetUtcNow() + TimeSpan.FromTicks(1234));

        await Store.CreateAsync(key, session, default);

        Assert.Equal(session, await Store.FindAsync(key, default));
        Assert.Null(await Store.FindAsync(SessionKey.New().Key, default));
    }

    [Fact]
    public async Task A_key_is_given_to_one_session_only()
    {
        var key = await LogInAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => Store.CreateAsync(key, Session.Start(_customer + 1, "mallory", Options, Clock.GetUtcNow()), default));

        Assert.Equal(_customer, (await Store.FindAsync(key, default))?.CustomerId);
    }

    [Fact]
    public async Task A_session_ends_when_it_is_idle_too_long()
    {
        var key = await LogInAsync();

        Clock.Advance(TimeSpan.FromMinutes(19));
        Assert.NotNull(await Store.FindAsync(key, default));
        Clock.Advance(TimeSpan.FromMinutes(1));

        await AssertIsOverAsync(key);
    }

    [Fact]
    public async Task A_session_that_is_used_lives_on_but_not_past_its_absolute_end()
    {
        var key = await LogInAsync();
        for (var i = 1; i <= 3; i++)
        {
            Clock.Advance(TimeSpan.FromMinutes(19));
            var slid = await Store.TouchAsync(key, default);
            Assert.Equal(Clock.GetUtcNow() + TimeSpan.FromMinutes(i == 3 ? 3 : 20), slid?.ExpiresAt);
            Assert.Equal(slid, await Store.FindAsync(key, default));
        }

        Clock.Advance(TimeSpan.FromMinutes(3));

        await AssertIsOverAsync(key);
    }

    [Fact]
    public async Task Who_logs_out_is_out_and_stays_out()
    {
        var (here, there) = (await LogInAsync(), await LogInAsync());

        await Store.DeleteAsync(here, default);
        await Store.DeleteAsync(here, default);

        await AssertIsOverAsync(here);
        Assert.NotNull(await Store.FindAsync(there, default));
    }

    [Fact]
    public async Task Logging_out_everywhere_ends_all_sessions_of_that_customer_only_and_not_the_next_one()
    {
        var (here, there) = (await LogInAsync(), await LogInAsync());
        var somebodyElse = await LogInAsync(Interlocked.Increment(ref _lastCustomer));

        await Store.DeleteAllAsync(_customer, default);
        var again = await LogInAsync();

        await AssertIsOverAsync(here);
        await AssertIsOverAsync(there);
        Assert.NotNull(await Store.FindAsync(somebodyElse, default));
        Assert.NotNull(await Store.FindAsync(again, default));
    }

    [Fact]
    public async Task Logging_out_everywhere_misses_no_login_that_was_complete_and_hits_none_that_comes_after()
    {
        for (var round = 0; round < 50; round++)
        {
            var (before, after) = (new List<SessionKey>(), new List<SessionKey>());
            var isOver = false;
            var logins = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
            {
                for (var i = 0; i < 10; i++)
                {
                    var began = Volatile.Read(ref isOver);
                    var key = await LogInAsync();
                    lock (before)
                    {
                        (began ? after : before).Add(key);
                    }
                }
            })).ToList();

            List<SessionKey> complete;
            while (true)
            {
                lock (before)
                {
                    if (before.Count >= 10)
                    {
                        complete = [.. before];
                        break;
                    }
                }

                if (logins.Any(login => login.IsFaulted))
                {
                    await Task.WhenAll(logins);
                }

                await Task.Yield();
            }

            await Store.DeleteAllAsync(_customer, default);
            Volatile.Write(ref isOver, true);
            await Task.WhenAll(logins);

            foreach (var key in complete)
            {
                Assert.Null(await Store.FindAsync(key, default));
            }

            foreach (var key in after)
            {
                Assert.NotNull(await Store.FindAsync(key, default));
            }
        }
    }

    [Fact]
    public async Task Parallel_changes_to_one_cart_all_survive()
    {
        for (var round = 0; round < 20; round++)
        {
            var key = await LogInAsync();
            var before = (await Store.GetCartAsync(key, default))!.Version;

            await Parallel.ForAsync(0, Cart.MaxItems, async (i, _) => await PutAsync(key, $"sku-{i}", 1));

            var cart = (await Store.GetCartAsync(key, default))!;
            Assert.Equal(Cart.MaxItems, cart.Items.Count);
            Assert.Equal(before + Cart.MaxItems, cart.Version);
        }
    }

    [Fact]
    public async Task Of_many_changes_that_expect_the_same_version_one_is_made_and_the_others_are_stale()
    {
        var key = await LogInAsync();
        var version = (await Store.GetCartAsync(key, default))!.Version;

        var changes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(async () => await PutAsync(key, $"sku-{i}", 1, version))));

        Assert.Single(changes, change => change.Outcome is CartOutcome.Changed);
        Assert.Equal(19, changes.Count(change => change.Outcome is CartOutcome.Stale));
        Assert.Single((await Store.GetCartAsync(key, default))!.Items);
    }

    [Fact]
    public async Task A_change_is_answered_with_the_cart_as_it_is_then_made_or_not()
    {
        var key = await LogInAsync();
        var start = (await Store.GetCartAsync(key, default))!.Version;
        CartItem tea = new("tea", 2), milk = new("milk", 1);

        await AssertChangeAsync(PutAsync(key, "tea", 2, start), CartOutcome.Changed, start + 1, tea);
        await AssertChangeAsync(PutAsync(key, "milk", 1), CartOutcome.Changed, start + 2, tea, milk);
        await AssertChangeAsync(PutAsync(key, "milk", 7, start + 1), CartOutcome.Stale, start + 2, tea, milk);
        await AssertChangeAsync(RemoveAsync(key, "milk", start + 1), CartOutcome.Stale, start + 2, tea, milk);
        await AssertChangeAsync(RemoveAsync(key, "bread"), CartOutcome.NoSuchItem, start + 2, tea, milk);
        await AssertChangeAsync(PutAsync(key, "tea", 5), CartOutcome.Changed, start + 3, tea with { Quantity = 5 }, milk);
        await AssertChangeAsync(RemoveAsync(key, "tea", start + 3), CartOutcome.Changed, start + 4, milk);
        await AssertChangeAsync(PutAsync(key, "tea", 1), CartOutcome.Changed, start + 5, milk, new CartItem("tea", 1));
    }

    [Fact]
    public async Task The_fifty_first_item_does_not_fit_but_a_known_one_still_changes()
    {
        var key = await LogInAsync();
        for (var i = 0; i < Cart.MaxItems; i++)
        {
            await PutAsync(key, $"sku-{i}", 1);
        }

        var full = await PutAsync(key, "one-more", 1);
        Assert.Equal((CartOutcome.Full, Cart.MaxItems), (full.Outcome, full.Cart.Items.Count));
        Assert.Equal(CartOutcome.Changed, (await PutAsync(key, "sku-7", 2)).Outcome);
        Assert.Equal(CartOutcome.Changed, (await RemoveAsync(key, "sku-0")).Outcome);
        Assert.Equal(CartOutcome.Changed, (await PutAsync(key, "one-more", 1)).Outcome);
    }

    [Theory]
    [InlineData("customer")]
    [InlineData("version")]
    [InlineData("item:")]
    [InlineData("a:b:1:2")]
    [InlineData("'] = nil; return redis.call('FLUSHALL') --")]
    [InlineData("\r\n$3\r\nDEL\0")]
    [InlineData("Ærøskøbing ☂")]
    [InlineData("")]
    public async Task A_sku_is_data_whatever_it_looks_like(string sku)
    {
        var key = await LogInAsync();
        var session = await Store.FindAsync(key, default);

        await PutAsync(key, "tea", 1);
        await PutAsync(key, sku, 3);
        var cart = (await Store.GetCartAsync(key, default))!;
        Assert.Equal([new CartItem("tea", 1), new CartItem(sku, 3)], cart.Items);

        await Store.RemoveOrderedAsync(key, cart with { Items = [new CartItem(sku, 1)] }, default);
        Assert.Equal([new CartItem("tea", 1), new CartItem(sku, 2)], (await Store.GetCartAsync(key, default))!.Items);

        await RemoveAsync(key, sku);
        Assert.Equal([new CartItem("tea", 1)], (await Store.GetCartAsync(key, default))!.Items);
        Assert.Equal(session, await Store.FindAsync(key, default));
    }

    [Fact]
    public async Task Two_sessions_of_one_customer_have_two_carts()
    {
        var (here, there) = (await LogInAsync(), await LogInAsync());

        await PutAsync(here, "tea", 1);

        Assert.Empty((await Store.GetCartAsync(there, default))!.Items);
    }

    [Fact]
    public async Task A_later_session_never_has_a_version_of_an_earlier_one()
    {
        var earlier = await LogInAsync();
        var last = (await PutAsync(earlier, "tea", 1)).Cart.Version;
        Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.True((await Store.GetCartAsync(await LogInAsync(), default))!.Version > last);
    }

    [Fact]
    public async Task Ordering_a_cart_leaves_what_came_into_it_since()
    {
        var key = await LogInAsync();
        await PutAsync(key, "tea", 2);
        await PutAsync(key, "milk", 1);
        await PutAsync(key, "sugar", 4);
        var ordered = (await Store.GetCartAsync(key, default))!;

        await PutAsync(key, "tea", 5);
        await RemoveAsync(key, "sugar");
        await PutAsync(key, "sugar", 4);
        await PutAsync(key, "bread", 1);
        await Store.RemoveOrderedAsync(key, ordered, default);

        var left = (await Store.GetCartAsync(key, default))!;
        Assert.Equal([new CartItem("tea", 3), new CartItem("sugar", 4), new CartItem("bread", 1)], left.Items);
        Assert.True(left.Version > ordered.Version + 4);
    }

    protected async Task<SessionKey> LogInAsync(long? customer = null)
    {
        var (_, key) = SessionKey.New();
        await Store.CreateAsync(key, Session.Start(customer ?? _customer, "ann", Options, Clock.GetUtcNow()), default);
        return key;
    }

    protected async Task<CartChange> PutAsync(SessionKey key, string sku, int quantity, long? expected = null) =>
        await Store.PutItemAsync(key, new CartItem(sku, quantity), expected, default);

    private async Task<CartChange> RemoveAsync(SessionKey key, string sku, long? expected = null) =>
        await Store.RemoveItemAsync(key, sku, expected, default);

    private static async Task AssertChangeAsync(Task<CartChange> change, CartOutcome outcome, long version, params CartItem[] items)
    {
        var actual = await change;
        Assert.Equal((outcome, version), (actual.Outcome, actual.Cart.Version));
        Assert.Equal(items, actual.Cart.Items);
    }

    // Not only unreadable: no operation brings it back.
    private async Task AssertIsOverAsync(SessionKey key)
    {
        Assert.Equal(CartOutcome.NoSession, (await PutAsync(key, "tea", 1)).Outcome);
        Assert.Equal(CartOutcome.NoSession, (await RemoveAsync(key, "tea")).Outcome);
        await Store.RemoveOrderedAsync(key, new Cart([new CartItem("tea", 1)], long.MaxValue), default);
        Assert.Null(await Store.TouchAsync(key, default));
        Assert.Null(await Store.GetCartAsync(key, default));
        Assert.Null(await Store.FindAsync(key, default));
    }
}
