using Shop.BuildingBlocks.Storage;

namespace Shop.IntegrationTests.Jobs;

/// <summary>Repeats what waited for a row for longer than the database lets it, as a fire of the schedule is repeated: where many queue for the row of a job,
/// or who has it is slow, that happens, and the database has undone all of it.</summary>
internal static class Contended
{
    private const int MaxAttempts = 60;

    public static async Task<T> RepeatAsync<T>(Func<Task<T>> work)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await work();
            }
            catch (Exception exception) when (attempt < MaxAttempts && exception.IsContention())
            {
                // It has waited already.
            }
        }
    }
}
