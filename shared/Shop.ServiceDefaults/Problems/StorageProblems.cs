using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;
using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Storage;

namespace Shop.ServiceDefaults;

/// <summary>Teaches the problem middleware which errors of a database pass.</summary>
public static class StorageProblems
{
    /// <summary>A database that is busy, full or away becomes 503, and so do a commit without an answer and a clock that went back.</summary>
    /// <remarks>The outcome is then unknown: only a repeat with the same key tells.</remarks>
    public static IServiceCollection AddStorageProblems(this IServiceCollection services) => services.Configure<ProblemOptions>(options =>
        options.Mappings.Add(exception => exception is (DbException or CommitOutcomeUnknownException or ClockMovedBackwardsException) && exception.IsTransient()
            ? new ProblemException(ProblemCatalogue.DependencyUnavailable) { RetryAfter = Problems.Soon }
            : null));
}
