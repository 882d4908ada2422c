using Microsoft.Extensions.DependencyInjection;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Alarms;

/// <summary>Registers a service's alarms.</summary>
internal static class AlarmRegistration
{
    public static void AddAlarms<TContext>(this IServiceCollection services) where TContext : ShopDbContext
    {
        services.AddOptions<AlarmOptions>().BindConfiguration(AlarmOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<AlarmBook>();
        services.AddSingleton<IAlarmSource<TContext>, DeadLetterAlarm<TContext>>();
        services.AddSingleton<IAlarmSource<TContext>, OutboxAlarm<TContext>>();
        services.AddSingleton<AlarmWatch<TContext>>();
        services.AddHostedService(provider => provider.GetRequiredService<AlarmWatch<TContext>>());

        // Where it is redirected to is not where it was told to post.
        services.AddHttpClient(AlarmTeller<TContext>.Client).ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
        services.AddSingleton<AlarmTeller<TContext>>();
        services.AddHostedService(provider => provider.GetRequiredService<AlarmTeller<TContext>>());
    }
}
