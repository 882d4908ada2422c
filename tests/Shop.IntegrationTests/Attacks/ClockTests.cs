using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shop.BuildingBlocks.Ids;
using Shop.Contracts;
using Shop.Contracts.Messages;
using Shop.IntegrationTests.Support;
using Shop.Inventory;
using Shop.Inventory.Storage;

namespace Shop.IntegrationTests.Attacks;

public sealed class ClockTests
{
    [Fact]
    public async Task A_clock_that_steps_back_delays_messages_and_parks_none()
    {
        using var directory = new TempDirectory();
        var clock = new SteppingClock();
        await using var inventory = await ServiceHost.StartAsync(
            ServiceNames.Inventory,
            builder =>
            {
                builder.AddInventory();
                builder.Services.AddSingleton<TimeProvider>(clock);
            },
            app => app.MapInventory(),
            Path.Combine(directory.Path, "inventory.db"));
        await inventory.AskAsync(new ReleaseStock(1));

        clock.Offset = TimeSpan.FromMinutes(-1);
        await Assert.ThrowsAnyAsync<Exception>(() => inventory.Transport.DeliverAsync(new ReleaseStock(2), new ReleaseStock(3)));
        Assert.Empty(await inventory.DeadLettersAsync<InventoryDbContext>());

        clock.Offset = TimeSpan.Zero;
        Assert.Equal(2, (await inventory.AskAsync(new ReleaseStock(2), new ReleaseStock(3))).Count);
    }

    [Fact]
    public async Task A_clock_that_went_back_over_a_restart_makes_no_id_of_the_embedded_shop_again()
    {
        using var directory = new TempDirectory();
        long last;
        await using (var shop = await EmbeddedShopHost.StartAsync(directory: directory.Path))
        {
            using var customer = await shop.CustomerAsync();
            last = await PlaceAsync(customer);
        }

        var clock = new SteppingClock { Offset = -TimeSpan.FromHours(1) };
        await using var again = await EmbeddedShopHost.StartAsync(null, directory.Path, services => services.AddSingleton<TimeProvider>(clock), environment: null);
        var ids = again.App(ServiceNames.Ordering).Services.GetRequiredService<SnowflakeIdGenerator>();
        Assert.Throws<ClockMovedBackwardsException>(() => ids.Next());

        clock.Offset = TimeSpan.Zero;
        Assert.True(ids.Next() > last);

        static async Task<long> PlaceAsync(ShopClient customer) => long.Parse(
            (await customer.OrderAsync("umbrella", 1).Expect(System.Net.HttpStatusCode.Accepted)).Body["id"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private sealed class SteppingClock : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
    }
}
