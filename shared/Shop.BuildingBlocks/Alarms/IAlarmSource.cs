using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Alarms;

/// <summary>Something that is looked at every now and then, on every node: while there is something to say it is an alarm, and when there is not, its end.</summary>
public interface IAlarmSource<in TContext> where TContext : ShopDbContext
{
    string Subject { get; }

    string Cause { get; }

    /// <summary>What is wrong, or null. Asked often: it must be cheap, however large the tables are.</summary>
    Task<string?> LookAsync(TContext db, CancellationToken cancellationToken);
}
