using System.Security.Cryptography;
using Shop.Contracts;

namespace Shop.Lab.Cluster;

/// <summary>Every password, token and key of one cluster, made once for its directory and kept there for this user only.</summary>
internal sealed record ClusterSecrets
{
    private const int KeyBytes = 32;

    public required string PostgresSuperuser { get; init; }

    /// <summary>Of the PostgreSQL users, by service.</summary>
    public required IReadOnlyDictionary<string, string> Database { get; init; }

    /// <summary>Of the RabbitMQ users, by service.</summary>
    public required IReadOnlyDictionary<string, string> Messaging { get; init; }

    public required string Redis { get; init; }

    public required string Locks { get; init; }

    public required Guid ConsulManagementToken { get; init; }

    public required Guid ConsulServiceToken { get; init; }

    /// <summary>The public name of the services' token, under which it is created and looked up.</summary>
    public required Guid ConsulServiceAccessor { get; init; }

    public required string ConsulGossipKey { get; init; }

    public required string ErlangCookie { get; init; }

    public required string IdentitySigningKey { get; init; }

    public required string ServiceKey { get; init; }

    public required string OperatorKey { get; init; }

    public static ClusterSecrets Generate() => new()
    {
        PostgresSuperuser = Hex(),
        Database = PerService(),
        Messaging = PerService(),
        Redis = Hex(),
        Locks = Hex(),
        ConsulManagementToken = RandomGuid(),
        ConsulServiceToken = RandomGuid(),
        ConsulServiceAccessor = RandomGuid(),
        ConsulGossipKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)),
        ErlangCookie = Hex(),
        IdentitySigningKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)),
        ServiceKey = Hex(),
        OperatorKey = Hex(),
    };

    /// <summary>Those of the directory; made now if it has none yet.</summary>
    public static ClusterSecrets Of(ClusterDirectory directory)
    {
        if (directory.Read<ClusterSecrets>(directory.SecretsFile) is { } existing)
        {
            return existing;
        }

        var secrets = Generate();
        directory.Write(directory.SecretsFile, secrets);
        ClusterDirectory.WriteText(directory.OperatorKeyFile, secrets.OperatorKey);
        return secrets;
    }

    private static Dictionary<string, string> PerService() => new()
    {
        [ServiceNames.Ordering] = Hex(),
        [ServiceNames.Inventory] = Hex(),
        [ServiceNames.Payments] = Hex(),
    };

    private static string Hex() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyBytes));

    // Guid.NewGuid promises uniqueness, not that nobody can guess it.
    private static Guid RandomGuid() => new(RandomNumberGenerator.GetBytes(16));
}
