using Shop.Contracts;
using Shop.Gateway;
using Shop.Inventory;
using Shop.Ordering;
using Shop.Payments;
using Shop.ServiceDefaults;

namespace Shop.AllInOne;

/// <summary>The four applications as they run everywhere, here in one process: each with its own container, port and database, talking HTTP
/// over loopback and sending envelopes through one transport.</summary>
internal sealed class EmbeddedShop : IAsyncDisposable
{
    private readonly List<WebApplication> _apps = [];

    private EmbeddedShop()
    {
    }

    /// <summary>The applications, in the order in which they were started.</summary>
    public IReadOnlyList<WebApplication> Apps => _apps;

    public static async Task<EmbeddedShop> StartAsync(EmbeddedOptions options, DataDirectory data)
    {
        var shop = new EmbeddedShop();
        var settings = new EmbeddedSettings(options, data);
        try
        {
            // The gateway last: when it listens, all that it needs is there.
            await shop.AddAsync(ServiceNames.Inventory, settings, options, builder => builder.AddInventory(), app => app.MapInventory());
            await shop.AddAsync(ServiceNames.Payments, settings, options, builder => builder.AddPayments(), app => app.MapPayments());
            await shop.AddAsync(ServiceNames.Ordering, settings, options, builder => builder.AddOrdering(), app => app.MapOrdering());
            await shop.AddAsync(ServiceNames.Gateway, settings, options, builder => builder.AddGateway(), app => app.MapGateway());
            return shop;
        }
        catch
        {
            await shop.GiveUpAsync();
            throw;
        }
    }

    /// <summary>Stops the way in first, then what is behind it, so that requests in flight are answered.</summary>
    public async Task StopAsync()
    {
        foreach (var app in _apps)
        {
            // Ends the streams that would otherwise end with their clients only.
            app.Lifetime.StopApplication();
        }

        foreach (var app in Enumerable.Reverse(_apps))
        {
            await app.StopAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var app in Enumerable.Reverse(_apps))
        {
            await app.DisposeAsync();
        }
    }

    // Disposed without being stopped, a background service would report its own end as a failure.
    private async Task GiveUpAsync()
    {
        foreach (var app in Enumerable.Reverse(_apps))
        {
            try
            {
                await app.StopAsync();
            }
            catch (ArgumentNullException)
            {
                // What a host answers that failed before it knew its services.
            }
        }

        await DisposeAsync();
    }

    private async Task AddAsync(
        string service, EmbeddedSettings settings, EmbeddedOptions options, Action<WebApplicationBuilder> add, Action<WebApplication> map)
    {
        // Not the directory that it was started in: ASP.NET Core watches its files, and the databases are among them.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = options.Environment, ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(settings.For(service));
        builder.Services.AddSingleton(options.Transport);

        // Signals are the runner's: four lifetimes would stop the four apps in no order.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.AddServiceDefaults(service);
        add(builder);
        options.Services?.Invoke(builder.Services);

        var app = builder.Build();
        _apps.Add(app);
        app.MapServiceDefaults();
        map(app);
        await app.StartAsync();
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
