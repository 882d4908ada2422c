using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Messaging;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Alarms;

/// <summary>A destination has confirmed nothing for long. Its rows are not rubbish to be cleaned up: each is somebody's order.</summary>
internal sealed class OutboxAlarm<TContext>(MessagingTopology topology, IOptions<AlarmOptions> options, TimeProvider clock) : IAlarmSource<TContext>
    where TContext : ShopDbContext
{
    public string Subject => "outbox";

    public string Cause => AlarmCauses.Waiting;

    public async Task<string?> LookAsync(TContext db, CancellationToken cancellationToken)
    {
        var before = clock.GetStorageTime() - options.Value.OutboxWaitsFor;
        var away = new List<string>();
        foreach (var destination in topology.Destinations)
        {
            var oldest = await db.Outbox.Where(r => r.Destination == destination).OrderBy(r => r.Id).FirstOrDefaultAsync(cancellationToken);
            if (oldest?.CreatedAt <= before)
            {
                away.Add($"{destination} has confirmed nothing since {oldest.CreatedAt:u}");
            }
        }

        return away.Count == 0 ? null : string.Join("; ", away);
    }
}
