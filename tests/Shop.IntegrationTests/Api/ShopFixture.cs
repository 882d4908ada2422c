using Shop.IntegrationTests.Support;

namespace Shop.IntegrationTests.Api;

/// <summary>One shop for all tests that need no settings of their own: each brings its own customers and products.</summary>
public sealed class ShopFixture : IAsyncLifetime
{
    internal EmbeddedShopHost Host { get; private set; } = null!;

    public async Task InitializeAsync() => Host = await EmbeddedShopHost.StartAsync(settings:
    [
        ("Limits:LoginAddress:Permits", "100000"),
        ("Limits:Anonymous:Permits", "100000"),
    ]);

    public async Task DisposeAsync()
    {
        // Whatever the tests did to it, the shop must still add up.
        try
        {
            Invariants.AssertHold(await Host.QuietInvariantsAsync());
        }
        finally
        {
            await Host.DisposeAsync();
        }
    }
}

[CollectionDefinition(Name)]
public sealed class SharedShop : ICollectionFixture<ShopFixture>
{
    public const string Name = "Shared shop";
}
