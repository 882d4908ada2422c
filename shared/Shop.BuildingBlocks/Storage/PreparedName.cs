using System.Globalization;

namespace Shop.BuildingBlocks.Storage;

/// <summary>The global name of a prepared transaction: the order and the branch. It is unique in the whole server, not in one database.</summary>
public readonly record struct PreparedName(long OrderId, string Branch)
{
    internal const string Prefix = "shop:";

    public static bool TryParse(string text, out PreparedName name)
    {
        var parts = text.Split(':');
        if (parts is ["shop", var order, { Length: > 0 } branch] && long.TryParse(order, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            name = new PreparedName(id, branch);
            return true;
        }

        name = default;
        return false;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{OrderId}:{Branch}");
}

/// <summary>A prepared transaction that still waits for its outcome.</summary>
public sealed record PreparedTransaction(PreparedName Name, DateTimeOffset PreparedAt);
