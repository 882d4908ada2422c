using System.Text.Json;
using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Audit;

/// <summary>Writes what people do by hand, in the transaction in which it is done: there is no change without its entry, and no entry without its change.</summary>
/// <remarks>It believes the name that it is given. Whoever can write to the database can write here too: it is no proof against its administrator.</remarks>
public sealed class AuditTrail(SnowflakeIdGenerator ids, TimeProvider clock)
{
    public void Write(ShopDbContext db, string who, string action, string subject, object? before, object? after) =>
        db.Audit.Add(new AuditEntry(ids.Next(), clock.GetStorageTime(), who, action, subject, Json(before), Json(after)));

    private static string? Json(object? state) => state is null ? null : JsonSerializer.Serialize(state, state.GetType(), JsonSerializerOptions.Web);
}
