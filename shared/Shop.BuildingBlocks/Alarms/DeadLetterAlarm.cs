using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Alarms;

/// <summary>Messages that could not be handled wait for an operator.</summary>
internal sealed class DeadLetterAlarm<TContext> : IAlarmSource<TContext> where TContext : ShopDbContext
{
    private const int Counted = 100;

    public string Subject => "dead-letters";

    public string Cause => AlarmCauses.Waiting;

    public async Task<string?> LookAsync(TContext db, CancellationToken cancellationToken) =>
        await db.DeadLetters.OrderBy(l => l.Id).Take(Counted).CountAsync(cancellationToken) is > 0 and var letters
            ? $"{letters}{(letters == Counted ? " or more" : "")} messages could not be handled: see /ops/dead-letters"
            : null;
}
