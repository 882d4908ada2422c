using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Audit;
using Shop.BuildingBlocks.Storage;

namespace Shop.ServiceDefaults;

/// <summary>What was done by hand in this service, newest first.</summary>
/// <remarks>Each service has its own trail, because an entry commits with the change that it speaks of.</remarks>
public static class AuditEndpoints
{
    public static void MapAudit<TContext>(this IEndpointRouteBuilder routes)
        where TContext : ShopDbContext => routes.MapGet("/ops/audit", ListAsync<TContext>).RequireOperatorKey();

    internal static async Task<PageResult<AuditView>> ListAsync<TContext>(
        PageRequest page, Database<TContext> database, string? subject, CancellationToken cancellationToken)
        where TContext : ShopDbContext
    {
        var before = page.AfterNumber() ?? long.MaxValue;
        var entries = await database.ReadAsync(
            db => db.Audit
                .Where(e => e.Id < before && (subject == null || e.Subject == subject))
                .OrderByDescending(e => e.Id)
                .Take(page.Take)
                .ToListAsync(cancellationToken),
            cancellationToken);
        return Page.Ok([.. entries.Select(AuditView.Of)], page, e => Cursor.From(long.Parse(e.Id, CultureInfo.InvariantCulture)));
    }
}
