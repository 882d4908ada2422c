using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Messaging;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts;
using Shop.IntegrationTests.Support;
using Shop.Ordering.Orders;
using Shop.Ordering.Storage;

namespace Shop.IntegrationTests.Orders;

/// <summary>Whoever watches an order learns how it ends, whatever happened around the moment in which they began.</summary>
public sealed class OrderWatchTests : IAsyncLifetime
{
    private const long Id = 7;

    private static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TempDirectory _directory = new();
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(30));
    private IHost _host = null!;
    private OrderWatch _watch = null!;
    private OrderView _placed = null!;

    private Database<OrderingDbContext> Database => _host.Services.GetRequiredService<Database<OrderingDbContext>>();

    public async Task InitializeAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Database:Path"] = _directory.File("orders.db") });
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<OutboxSignal>();
        builder.Services.AddSnowflakeIds(builder.Configuration);
        builder.AddDatabase<OrderingDbContext>();
        _host = builder.Build();
        await _host.Services.GetRequiredService<SchemaMigrator<OrderingDbContext>>().StartAsync(default);
        _watch = new OrderWatch(Database, TimeProvider.System, NullLogger<OrderWatch>.Instance);
        var order = Order.Place(Id, 1, "key", "", "saga", [new OrderLine("umbrella", "Umbrella", 1, new Money(1, "EUR"))], Now);
        await Database.WriteAsync(db => { db.Add(order); return Task.CompletedTask; }, default);
        _placed = OrderView.Of(order);
    }

    public async Task DisposeAsync()
    {
        await _watch.StopAsync(default);
        _watch.Dispose();
        _host.Dispose();
        _patience.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task What_another_replica_did_before_and_after_the_watch_began_is_found()
    {
        await _watch.StartAsync(default);
        await ChangeAsync(order => order.RequestCancel(Now)); // and nobody here is told
        await using var states = _watch.WatchAsync(_placed, _patience.Token).GetAsyncEnumerator();

        Assert.True(await states.MoveNextAsync());
        Assert.Equal((OrderStatus.Cancelling, 2), (states.Current.Status, states.Current.Version));

        await ChangeAsync(order => order.Finish(OrderStatus.Cancelled, "customer", Now));

        Assert.True(await states.MoveNextAsync());
        Assert.Equal((OrderStatus.Cancelled, 3), (states.Current.Status, states.Current.Version));
        Assert.False(await states.MoveNextAsync());
    }

    [Fact]
    public async Task What_is_final_is_not_waited_for()
    {
        await _watch.StartAsync(default);
        var final = await ChangeAsync(order => order.Finish(OrderStatus.Confirmed, null, Now));

        Assert.Empty(await StatesAsync(_watch.WatchAsync(OrderView.Of(final), _patience.Token)));
        Assert.Equal([2], await StatesAsync(_watch.WatchAsync(Id, 0, _patience.Token)));
        Assert.Empty(await StatesAsync(_watch.WatchAsync(Id, 2, _patience.Token)));
    }

    // Nothing but what is told: nobody looks for what was missed.
    [Fact]
    public async Task Commits_that_are_told_in_the_wrong_order_do_not_hide_the_newest_state()
    {
        await using var states = _watch.WatchAsync(_placed, _patience.Token).GetAsyncEnumerator();
        var first = states.MoveNextAsync();
        _watch.Publish([await ChangeAsync(order => order.RequestCancel(Now))]);
        Assert.True(await first);
        var older = await ChangeAsync(order => order.NeedAttention("why", Now));
        var final = await ChangeAsync(order => order.Finish(OrderStatus.Cancelled, "customer", Now));

        _watch.Publish([final]);
        _watch.Publish([older]);

        Assert.True(await states.MoveNextAsync());
        Assert.Equal((OrderStatus.Cancelled, 4), (states.Current.Status, states.Current.Version));
        Assert.False(await states.MoveNextAsync());
    }

    [Fact]
    public async Task Who_comes_to_an_order_that_others_watch_learns_what_they_were_told()
    {
        await using var other = _watch.WatchAsync(Id, 0, _patience.Token).GetAsyncEnumerator();
        Assert.True(await other.MoveNextAsync());
        _watch.Publish([await ChangeAsync(order => order.Finish(OrderStatus.Confirmed, null, Now))]);

        Assert.Equal([2], await StatesAsync(_watch.WatchAsync(_placed, _patience.Token)));
    }

    private async Task<Order> ChangeAsync(Action<Order> change) => await Database.WriteAsync(
        async db =>
        {
            var order = await db.Orders.SingleAsync(o => o.Id == Id);
            change(order);
            return order;
        },
        default);

    private static async Task<List<int>> StatesAsync(IAsyncEnumerable<OrderView> states)
    {
        var versions = new List<int>();
        await foreach (var state in states)
        {
            versions.Add(state.Version);
        }

        return versions;
    }
}
