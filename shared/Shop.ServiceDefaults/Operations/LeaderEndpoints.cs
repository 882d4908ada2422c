using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Leadership;
using Shop.BuildingBlocks.Storage;

namespace Shop.ServiceDefaults;

/// <summary>For each exclusive duty of the service: whether this process believes that it leads, and the newest epoch that the database knows.</summary>
/// <remarks>A belief, not a proof: two processes that are asked at different moments may both say yes. The database's epoch decides what is written.</remarks>
public static class LeaderEndpoints
{
    public static void MapLeaders<TContext>(this IEndpointRouteBuilder routes)
        where TContext : ShopDbContext => routes.MapGet("/ops/leaders", ListAsync<TContext>).RequireOperatorKey();

    internal static async Task<IReadOnlyList<DutyView>> ListAsync<TContext>(
        Leaders leaders, Database<TContext> database, ServiceInfo self, CancellationToken cancellationToken)
        where TContext : ShopDbContext
    {
        var epochs = await database.ReadAsync(db => db.DutyEpochs.ToDictionaryAsync(e => e.Duty, cancellationToken), cancellationToken);
        return
        [
            .. leaders.Duties.Select(duty => new DutyView(
                duty,
                self.Instance,
                leaders.Of(duty) is { } lead ? new LeadView(lead.Epoch, lead.Since) : null,
                leaders.RefusedWrites(duty),
                epochs.TryGetValue(duty, out var newest) ? new EpochView(newest.Epoch, newest.Holder, newest.Since, newest.Refused) : null)),
        ];
    }
}
