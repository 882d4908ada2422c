using Shop.BuildingBlocks.Sessions;
using Shop.UnitTests.Support;

namespace Shop.IntegrationTests.Sessions;

public sealed class ReplicatedSessionStoreTests : SessionStoreConformance
{
    public ReplicatedSessionStoreTests() => Store = NewStore("a", _ => Task.FromResult(true));

    protected override ISessionStore Store { get; }

    [Fact]
    public async Task Changes_at_two_gateways_all_survive_and_end_in_the_same_cart()
    {
        var (a, b) = Pair();
        var key = await LogInAsync(a.Store);
        a.Exchange();

        await a.Store.PutItemAsync(key, new CartItem("tea", 1), null, default);
        await b.Store.PutItemAsync(key, new CartItem("milk", 2), null, default);
        await b.Store.PutItemAsync(key, new CartItem("tea", 7), null, default);
        a.Exchange();
        b.Exchange();

        var cart = (await a.Store.GetCartAsync(key, default))!;
        Assert.Equal([("milk", 2), ("tea", 7)], cart.Items.Select(item => (item.Sku, item.Quantity)).Order());
        Assert.Equivalent(cart, await b.Store.GetCartAsync(key, default), strict: true);
    }

    // In any order, twice, and with some of it lost and asked for later: the end is the same everywhere.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Whatever_way_the_news_take_all_gateways_end_in_the_same_state(int seed)
    {
        var random = new Random(seed);
        var nodes = new List<Node>();
        for (var i = 0; i < 3; i++)
        {
            var node = new Node();
            node.Store = NewStore($"node-{i}", news =>
            {
                node.Told.Add(news);
                return Task.FromResult(true);
            });
            nodes.Add(node);
        }

        var keys = new List<SessionKey>();
        for (var i = 0; i < 400; i++)
        {
            var node = nodes[random.Next(3)];
            var key = keys.Count > 0 ? keys[random.Next(keys.Count)] : default;
            switch (random.Next(keys.Count == 0 ? 1 : 12))
            {
                case 0:
                    keys.Add(await LogInAsync(node.Store, customer: 100 + random.Next(3)));
                    break;
                case 1:
                    await node.Store.TouchAsync(key, default);
                    break;
                case 2 when random.Next(4) == 0:
                    await node.Store.DeleteAsync(key, default);
                    break;
                case 3 when random.Next(10) == 0:
                    await node.Store.DeleteAllAsync(100 + random.Next(3), default);
                    break;
                case 4:
                    await node.Store.RemoveItemAsync(key, $"sku-{random.Next(5)}", null, default);
                    break;
                case 5:
                    await node.Store.RemoveOrderedAsync(key, await node.Store.GetCartAsync(key, default) ?? new Cart([], 0), default);
                    break;
                default:
                    await node.Store.PutItemAsync(key, new CartItem($"sku-{random.Next(5)}", random.Next(1, 9)), null, default);
                    break;
            }

            Clock.Advance(TimeSpan.FromMilliseconds(random.Next(50)));
            foreach (var to in nodes.Where(to => to != node && random.Next(3) > 0))
            {
                foreach (var news in node.Told.OrderBy(_ => random.Next()).Take(3))
                {
                    to.Store.Merge(news);
                }
            }
        }

        for (var round = 0; round < 2; round++)
        {
            foreach (var (asks, answers) in nodes.SelectMany(a => nodes.Where(b => b != a).Select(b => (a, b))))
            {
                asks.Ask(answers);
            }
        }

        foreach (var key in keys)
        {
            var session = await nodes[0].Store.FindAsync(key, default);
            var cart = await nodes[0].Store.GetCartAsync(key, default);
            foreach (var other in nodes.Skip(1))
            {
                Assert.Equal(session, await other.Store.FindAsync(key, default));
                Assert.Equivalent(cart, await other.Store.GetCartAsync(key, default), strict: true);
            }
        }

        Assert.Contains(await Task.WhenAll(keys.Select(async key => await nodes[0].Store.GetCartAsync(key, default))), cart => cart?.Items.Count > 0);
    }

    [Fact]
    public async Task A_log_out_wins_over_whatever_is_on_its_way()
    {
        var (a, b) = Pair();
        var key = await LogInAsync(a.Store);
        a.Exchange();
        await a.Store.DeleteAsync(key, default);
        await b.Store.PutItemAsync(key, new CartItem("tea", 1), null, default);
        await b.Store.TouchAsync(key, default);

        b.Exchange();
        Assert.Null(await a.Store.FindAsync(key, default));
        a.Exchange();
        Assert.Null(await b.Store.FindAsync(key, default));
        b.Exchange();
        Assert.Null(await a.Store.FindAsync(key, default));
    }

    [Fact]
    public async Task A_log_out_everywhere_reaches_a_session_that_its_gateway_has_not_heard_of()
    {
        var (a, b) = Pair();
        var early = await LogInAsync(b.Store, customer: 7);
        await a.Store.DeleteAllAsync(7, default);
        b.Exchange();
        Assert.Null(await a.Store.FindAsync(early, default));
        a.Exchange();
        Assert.Null(await b.Store.FindAsync(early, default));

        Clock.Advance(TimeSpan.FromMilliseconds(1));
        var late = await LogInAsync(b.Store, customer: 7);
        b.Exchange();
        Assert.NotNull(await a.Store.FindAsync(late, default));
    }

    [Fact]
    public async Task Who_logs_out_is_told_when_not_every_gateway_has_confirmed_it()
    {
        var store = NewStore("a", _ => Task.FromResult(false));
        var key = await LogInAsync(store, customer: 7);

        await Assert.ThrowsAsync<SessionPeersAwayException>(() => store.DeleteAsync(key, default));
        Assert.Null(await store.FindAsync(key, default));
        await Assert.ThrowsAsync<SessionPeersAwayException>(() => store.DeleteAllAsync(7, default));
    }

    [Fact]
    public async Task A_gateway_that_joins_gets_everything_in_pages_and_then_only_what_is_new()
    {
        var (a, b) = Pair();
        var keys = new List<SessionKey>();
        for (var i = 0; i < 25; i++)
        {
            keys.Add(await LogInAsync(a.Store));
        }

        var pages = b.Ask(a, most: 10);
        Assert.Equal(3, pages);
        Assert.All(await Task.WhenAll(keys.Select(async key => await b.Store.FindAsync(key, default))), session => Assert.NotNull(session));

        await a.Store.PutItemAsync(keys[3], new CartItem("tea", 1), null, default);
        var news = a.Store.After(b.Run, b.Position, 10).News;
        Assert.Equal(keys[3].Value, Assert.Single(news.Sessions).Key);
        Assert.Equal(25, a.Store.After("another run", b.Position, 100).News.Sessions.Count);
    }

    [Fact]
    public async Task What_comes_from_others_is_bounded_like_what_is_made_here()
    {
        Options.MaxSessions = 100;
        var (a, b) = (new Node(), new Node());
        a.Store = NewStore("a", _ => Task.FromResult(true));
        for (var i = 0; i < 500; i++)
        {
            var key = await LogInAsync(a.Store);
            a.Store.Merge(a.Store.After(null, 0, 1000).News);
            Assert.InRange(a.Store.Count, 1, 100);
        }
    }

    private ReplicatedSessionStore NewStore(string node, Func<SessionNews, Task<bool>> tell) =>
        new(Microsoft.Extensions.Options.Options.Create(Options), Clock, node, (news, _) => tell(news));

    private async Task<SessionKey> LogInAsync(ReplicatedSessionStore store, long customer = 1)
    {
        var (_, key) = SessionKey.New();
        await store.CreateAsync(key, Session.Start(customer, "ann", Options, Clock.GetUtcNow()), default);
        return key;
    }

    private (Node A, Node B) Pair()
    {
        var (a, b) = (new Node(), new Node());
        a.Store = NewStore("a", news => Keep(a, news));
        b.Store = NewStore("b", news => Keep(b, news));
        (a.Other, b.Other) = (b, a);
        return (a, b);

        static Task<bool> Keep(Node node, SessionNews news)
        {
            node.Told.Add(news);
            return Task.FromResult(true);
        }
    }

    private sealed class Node
    {
        public ReplicatedSessionStore Store { get; set; } = null!;

        public Node Other { get; set; } = null!;

        /// <summary>Said and on its way.</summary>
        public List<SessionNews> Told { get; } = [];

        public string? Run { get; private set; }

        public long Position { get; private set; }

        /// <summary>Delivers what was told to the other one.</summary>
        public void Exchange()
        {
            Told.ForEach(Other.Store.Merge);
            Told.Clear();
        }

        public int Ask(Node other, int most = 1000)
        {
            var (run, position, pages) = ((string?)null, 0L, 0);
            for (var isAll = false; !isAll; pages++)
            {
                var page = other.Store.After(run, position, most);
                Store.Merge(page.News);
                (run, position, isAll) = (page.Run, page.Position, page.IsAll);
            }

            (Run, Position) = (run, position);
            return pages;
        }
    }
}
