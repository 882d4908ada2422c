using Shop.BuildingBlocks.Configuration;
using Shop.BuildingBlocks.Redis;

namespace Shop.Gateway.Limits;

internal static class LimitsExtensions
{
    public static void AddLimits(this IHostApplicationBuilder builder)
    {
        builder.AddRedis();
        builder.Services.AddOptions<LimitOptions>().BindConfiguration(LimitOptions.Section).ValidateDataAnnotations()
            .Validate(limits => All(limits).All(quota => quota.Permits > 0 && quota.Window >= TimeSpan.FromSeconds(1)),
                "Each quota in Limits needs at least one permit and a window of at least one second.")
            .ValidateOnStart();
        builder.Services.AddLive<LimitOptions>(LimitOptions.Section);
        builder.Services.AddSingleton<Quotas>();
    }

    private static QuotaOptions[] All(LimitOptions limits) =>
        [limits.Session, limits.Anonymous, limits.LoginName, limits.LoginAddress];
}
