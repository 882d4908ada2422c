using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;
using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Storage;

namespace Shop.ServiceDefaults;

/// <summary>Teaches the problem middleware which errors of a database pass.</summary>
public static class StorageProblems
{
    private const string CharacterNotInRepertoire = "22021";

    /// <summary>A database that is busy, full or away becomes 503, and so do a commit without an answer, a clock that went back, and a process that may make no ids.</summary>
    /// <remarks>The outcome is then unknown: only a repeat with the same key tells. A text that PostgreSQL cannot hold, one with a NUL, is a 400.</remarks>
    public static IServiceCollection AddStorageProblems(this IServiceCollection services) => services.Configure<ProblemOptions>(options =>
        options.Mappings.Add(exception => exception switch
        {
            DbException or CommitOutcomeUnknownException or ClockMovedBackwardsException or IdsUnavailableException or ObjectDisposedException when exception.IsTransient() =>
                new ProblemException(ProblemCatalogue.DependencyUnavailable) { RetryAfter = Problems.Soon },
            DbException { SqlState: CharacterNotInRepertoire } => new ProblemException(ProblemCatalogue.ValidationFailed, "A text holds a character that cannot be stored."),
            _ => null,
        }));
}
