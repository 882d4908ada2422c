using Shop.BuildingBlocks.Caching;
using Shop.ServiceDefaults;

namespace Shop.Gateway.Edge;

internal static class EdgeRegistration
{
    public static void AddEdge(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<EdgeOptions>().BindConfiguration(EdgeOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.AddCaching();
        builder.Services.AddSingleton<EdgeCache>();
    }

    /// <summary>Part of the way to a service, before the one is chosen that is asked.</summary>
    public static void UseEdge(this IApplicationBuilder proxy)
    {
        var services = proxy.ApplicationServices;
        if (services.GetRequiredService<Microsoft.Extensions.Options.IOptions<EdgeOptions>>().Value.IsOn(services.GetRequiredService<IConfiguration>()))
        {
            proxy.UseMiddleware<EdgeCacheMiddleware>();
        }
    }

    public static void MapEdge(this IEndpointRouteBuilder routes)
    {
        var operations = routes.MapGroup("/ops/cache").RequireOperatorKey();
        operations.MapGet("/", (EdgeCache edge, IServiceProvider services) => new EdgeReport(
            edge.Size.Pages, edge.Size.Bytes, edge.Counters.All(), services.GetService<InvalidationFeed>()?.HearsOfChanges));
        operations.MapDelete("/", (EdgeCache edge) =>
        {
            edge.Clear();
            return TypedResults.NoContent();
        });
    }
}

/// <param name="HearsOfChanges">Null where no word of changes can come.</param>
internal sealed record EdgeReport(int Pages, long Bytes, IReadOnlyDictionary<string, long> Events, bool? HearsOfChanges);
