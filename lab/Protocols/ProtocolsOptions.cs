namespace Shop.Lab.Protocols;

/// <param name="Cell">How long each combination of protocol, buyers and articles is measured.</param>
/// <param name="Cut">How long payments is cut off.</param>
/// <param name="Page">The page whose table is written anew; null prints only.</param>
internal sealed record ProtocolsOptions(string? Directory, TimeSpan Cell, TimeSpan Cut, FileInfo? Page)
{
    public static readonly string[] Protocols = ["saga", "tcc", "xa", "message"];

    public static readonly int[] Buyers = [1, 10, 100];
}
