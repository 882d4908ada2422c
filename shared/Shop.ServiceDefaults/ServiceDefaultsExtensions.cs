using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Configuration;
using Shop.BuildingBlocks.Discovery;

namespace Shop.ServiceDefaults;

/// <summary>What every process of the shop starts with: problems, identity, limits, health, documents, telemetry.</summary>
/// <remarks>Nothing here is shared between apps in one process: each has its own container, keys and caches.</remarks>
public static class ServiceDefaultsExtensions
{
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder, string serviceName)
    {
        builder.AddSecretFiles();
        var services = builder.Services;
        var self = new ServiceInfo(serviceName, builder.Configuration[ServiceInfo.InstanceKey] ?? $"{serviceName}-1");
        services.AddSingleton(self);
        services.TryAddSingleton(TimeProvider.System);

        builder.AddLogging();
        services.AddRequestRules();
        services.AddIdentity();
        services.AddShopOpenApi();
        services.AddHealthChecks().AddCheck<LifetimeHealthCheck>("lifetime", tags: [HealthTags.Ready, HealthTags.Startup]);
        builder.AddDiscovery(self.Name, self.Instance);
        builder.AddLiveConfiguration(self.Name);
        services.AddLive<RoutingOptions>(RoutingOptions.Section);
        if (TelemetryExporter.IsWanted(builder.Configuration))
        {
            services.AddHostedService<TelemetryExporter>();
        }

        return builder;
    }

    /// <summary>Builds the common pipeline and maps the common endpoints; to be called before the app maps its own.</summary>
    public static WebApplication MapServiceDefaults(this WebApplication app)
    {
        var pipeline = app.Services.GetRequiredService<IOptions<PipelineOptions>>().Value;

        app.UseMiddleware<RequestMiddleware>();
        app.UseMiddleware<ProblemMiddleware>();
        app.UseMiddleware<FramingMiddleware>();
        app.UseMiddleware<BodyLimitMiddleware>();
        app.UseMiddleware<DeadlineMiddleware>();
        pipeline.BeforeRouting?.Invoke(app);
        app.UseRouting();
        pipeline.BeforeAuthentication?.Invoke(app);
        app.UseAuthentication();
        pipeline.BeforeAuthorization?.Invoke(app);
        app.UseAuthorization();

        app.MapHealth();
        app.MapConfig();
        app.MapOpenApi(OpenApiSetup.Path).RequireServiceKey();
        return app;
    }

    private static void AddRequestRules(this IServiceCollection services)
    {
        services.AddOptions<RequestLimitOptions>().BindConfiguration(RequestLimitOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<RequestLimitOptions>>((kestrel, limits) => limits.Value.ApplyTo(kestrel));
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.Configure<JsonOptions>(options => Configure(options.SerializerOptions));
        services.AddSingleton<ExceptionMapper>();
    }

    private static void Configure(JsonSerializerOptions json)
    {
        json.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        json.PropertyNameCaseInsensitive = false;
        json.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        json.NumberHandling = JsonNumberHandling.Strict;
        json.AllowDuplicateProperties = false;
        json.MaxDepth = 16;

        // A record's parameter without a default is required, and one that is not nullable is never null.
        json.RespectNullableAnnotations = true;
        json.RespectRequiredConstructorParameters = true;
    }

    private static void AddIdentity(this IServiceCollection services)
    {
        services.AddOptions<ShopIdentityOptions>().BindConfiguration(ShopIdentityOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<SecurityOptions>().BindConfiguration(SecurityOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IdentityKeys>();
        services.AddSingleton<IdentityVerifier>();
        services.AddSingleton(provider => new IdentitySigner(
            provider.GetRequiredService<IdentityKeys>(), provider.GetRequiredService<IOptions<ShopIdentityOptions>>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new FingerprintSigner(provider.GetRequiredService<IdentityKeys>()));

        // The core parts only: AddAuthentication would bring data protection and its key files, which nothing here uses.
        services.AddAuthenticationCore(options => options.DefaultScheme = Schemes.Identity);
        services.AddWebEncoders();
        new AuthenticationBuilder(services)
            .AddScheme<AuthenticationSchemeOptions, IdentityHandler>(Schemes.Identity, null)
            .AddScheme<AuthenticationSchemeOptions, KeyHandler>(Schemes.ServiceKey, null)
            .AddScheme<AuthenticationSchemeOptions, KeyHandler>(Schemes.OperatorKey, null);
        services.AddAuthorization();
    }

    private static void AddLogging(this WebApplicationBuilder builder)
    {
        // Defaults below every other source, so that any configuration overrides them.
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = new Dictionary<string, string?>
            {
                ["Logging:LogLevel:Default"] = nameof(LogLevel.Information),
                ["Logging:LogLevel:Microsoft"] = nameof(LogLevel.Warning),
                ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = nameof(LogLevel.Information),
                ["Logging:LogLevel:System"] = nameof(LogLevel.Warning),
                ["Logging:LogLevel:Quartz"] = nameof(LogLevel.Warning),
                ["Logging:LogLevel:Yarp"] = nameof(LogLevel.Warning),
                ["Logging:LogLevel:Yarp.ReverseProxy.Forwarder"] = nameof(LogLevel.Error), // a stack trace for each request to a dead replica
            },
        });
        builder.Logging.ClearProviders().AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
        });
    }
}
