using Microsoft.Extensions.DependencyInjection;
using Shop.BuildingBlocks.Locks;
using Shop.BuildingBlocks.Locks.Fencing;

namespace Shop.ServiceDefaults;

/// <summary>Teaches the problem middleware what may become of a lock.</summary>
/// <remarks>A lock that was lost is answered only where its loss was noticed before the write, or by the write: nothing has been changed then.</remarks>
public static class LockProblems
{
    public static IServiceCollection AddLockProblems(this IServiceCollection services) => services.Configure<ProblemOptions>(options =>
        options.Mappings.Add(exception => exception switch
        {
            LockUnavailableException => new ProblemException(ProblemCatalogue.DependencyUnavailable, "The locks are away.") { RetryAfter = Problems.Soon },
            LockLostException or FenceRejectedException => new ProblemException(ProblemCatalogue.LockLost, exception.Message),
            _ => null,
        }));
}
