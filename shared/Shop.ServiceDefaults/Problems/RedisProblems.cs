using Microsoft.Extensions.DependencyInjection;
using Shop.BuildingBlocks.Redis;

namespace Shop.ServiceDefaults;

/// <summary>Teaches the problem middleware that Redis may be away.</summary>
/// <remarks>The 503 says nothing of the effect: what was sent to Redis may have happened.</remarks>
public static class RedisProblems
{
    public static IServiceCollection AddRedisProblems(this IServiceCollection services) => services.Configure<ProblemOptions>(options =>
        options.Mappings.Add(exception => exception is RedisUnavailableException
            ? new ProblemException(ProblemCatalogue.DependencyUnavailable) { RetryAfter = Problems.Soon }
            : null));
}
