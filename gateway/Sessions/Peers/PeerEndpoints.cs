using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Discovery;
using Shop.BuildingBlocks.Sessions;
using Shop.Contracts;
using Shop.ServiceDefaults;

namespace Shop.Gateway.Sessions.Peers;

/// <summary>What gateways say to each other, where sessions are replicated. To everybody else these addresses do not exist.</summary>
internal static class PeerEndpoints
{
    private const int MaxPage = 1_000;

    public static void AddSessionPeers(this WebApplicationBuilder builder)
    {
        if (!AreWanted(builder.Configuration))
        {
            return;
        }

        var services = builder.Services;
        services.AddWatchedService(ServiceNames.Gateway);
        services.AddSingleton<SessionPeers>();
        services.AddHostedService(provider => provider.GetRequiredService<SessionPeers>());
        services.TryAddSingleton(provider => provider.GetRequiredService<SessionPeers>().Store);
        services.Configure<ProblemOptions>(options => options.Mappings.Add(exception => exception is SessionPeersAwayException
            ? new ProblemException(ProblemCatalogue.DependencyUnavailable, exception.Message) { RetryAfter = Problems.Soon }
            : null));
    }

    public static void MapSessionPeers(this WebApplication app)
    {
        if (!AreWanted(app.Configuration))
        {
            return;
        }

        var peers = app.MapGroup(SessionPeers.Path).RequireServiceKey();
        peers.MapPost("/", (SessionNews news, SessionPeers self) =>
        {
            self.Store.Merge(news);
            return TypedResults.NoContent();
        });
        peers.MapGet("/", (string? run, long after, int most, string? from, SessionPeers self) =>
        {
            self.Meet(from);
            return self.Store.After(run, after, Math.Clamp(most, 1, MaxPage));
        });
        app.MapGet("/ops/sessions", (SessionPeers self) => new PeerReport(self.Store.Count, self.Bytes.Sent, self.Bytes.Received)).RequireOperatorKey();
    }

    /// <summary>Whether the request comes from another gateway: straight from it, with the key of the services.</summary>
    public static bool IsFromPeer(HttpContext context) =>
        context.Request.Path.StartsWithSegments(SessionPeers.Path, StringComparison.Ordinal)
        && AreWanted(context.RequestServices.GetRequiredService<IConfiguration>())
        && !context.Request.Headers.Keys.Any(name => name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("X-Original-", StringComparison.OrdinalIgnoreCase))
        && context.Request.Headers[ShopHeaders.ServiceKey] is [{ } sent]
        && IsSame(sent, context.RequestServices.GetRequiredService<IOptions<SecurityOptions>>().Value.ServiceKey);

    private static bool AreWanted(IConfiguration configuration) =>
        Enum.TryParse<SessionStrategy>(configuration[$"{ShopSessionOptions.Section}:{nameof(ShopSessionOptions.Strategy)}"], ignoreCase: true, out var strategy)
        && strategy is SessionStrategy.Replicated;

    private static bool IsSame(string sent, string? expected) => !string.IsNullOrEmpty(expected) && CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(sent)), SHA256.HashData(Encoding.UTF8.GetBytes(expected)));
}

/// <summary>What replicating costs, since the gateway started.</summary>
internal sealed record PeerReport(int Sessions, long BytesSent, long BytesReceived);
