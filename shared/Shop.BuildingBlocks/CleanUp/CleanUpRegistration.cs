using Microsoft.Extensions.DependencyInjection;
using Shop.BuildingBlocks.Jobs;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.CleanUp;

/// <summary>Registers what a service cleans up.</summary>
internal static class CleanUpRegistration
{
    public static void AddCleanUp<TContext>(this IServiceCollection services) where TContext : ShopDbContext
    {
        services.AddCleanUpOptions();
        services.AddSingleton<ISweep<TContext>, HistorySweep<TContext>>();
        services.AddSingleton<ISweep<TContext>, AlarmSweep<TContext>>();
        services.AddSingleton<ISweep<TContext>, DeadLetterSweep<TContext>>();
        services.AddJob<TContext, CleanUpJob<TContext>>();
    }

    public static void AddCleanUpOptions(this IServiceCollection services) =>
        services.AddOptions<CleanUpOptions>().BindConfiguration(CleanUpOptions.Section).ValidateDataAnnotations().ValidateOnStart();
}
