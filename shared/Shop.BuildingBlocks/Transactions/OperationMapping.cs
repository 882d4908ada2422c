using Microsoft.EntityFrameworkCore;

namespace Shop.BuildingBlocks.Transactions;

/// <summary>Maps the operations table into a participant's context.</summary>
public static class OperationMapping
{
    public static void MapOperations(this ModelBuilder modelBuilder) => modelBuilder.Entity<Operation>(operation =>
    {
        operation.ToTable("operations");
        operation.HasKey(o => new { o.OrderId, o.Name });
    });
}
