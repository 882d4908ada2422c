using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Shop.Contracts;

namespace Shop.Lab.Cluster.Servers;

/// <summary>The virtual host, the users and what they may do, and how long queues may get, loaded by the node while it boots.</summary>
internal static class RabbitMqDefinitions
{
    // Envelopes. One more is refused, and stays in its sender's outbox, where no repeat is added to what has waited there for long.
    private const int LongestQueue = 10_000;

    private const int SaltBytes = 4;

    // Who sends to whom: the same as the services say when they register their part in messaging.
    private static readonly Dictionary<string, string[]> Destinations = new()
    {
        [ServiceNames.Ordering] = [ServiceNames.Inventory, ServiceNames.Payments],
        [ServiceNames.Inventory] = [ServiceNames.Ordering, ServiceNames.Payments],
        [ServiceNames.Payments] = [ServiceNames.Ordering, ServiceNames.Inventory],
    };

    public static string Write(ClusterSecrets secrets) => new JsonObject
    {
        ["vhosts"] = new JsonArray(new JsonObject { ["name"] = RabbitMqServer.VirtualHost }),
        ["users"] = new JsonArray([.. Destinations.Keys.Select(service => User(service, secrets.Messaging[service]))]),
        ["permissions"] = new JsonArray([.. Destinations.Keys.Select(Permission)]),
        ["policies"] = new JsonArray(new JsonObject
        {
            ["vhost"] = RabbitMqServer.VirtualHost,
            ["name"] = "bounded",
            ["pattern"] = $"^shop[.]({string.Join('|', Destinations.Keys)})$",
            ["apply-to"] = "queues",
            ["priority"] = 0,
            ["definition"] = new JsonObject { ["max-length"] = LongestQueue, ["overflow"] = "reject-publish" },
        }),
    }.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>What a service may take messages from: its own queues, and the exchanges that it binds them to.</summary>
    public static string Readable(string service) => $"^{Queues(service)}$|{MessageTypes}";

    /// <summary>What a service may declare, bind and publish to: its own queues and those of whom it sends to.</summary>
    public static string Writable(string service) => $"^{Queues([service, .. Destinations[service]])}$|{MessageTypes}";

    // MassTransit's exchanges, one for each message type, are named after the type.
    private const string MessageTypes = "^Shop[.]Contracts[.].*$";

    // A service's queue and what hangs on it, such as ordering_error or ordering.undecodable, with or without the shop's name in front.
    private static string Queues(params string[] services) => $"(shop[.:_-])?({string.Join('|', services)})([.:_-].*)?";

    private static JsonObject Permission(string service) => new()
    {
        ["user"] = service,
        ["vhost"] = RabbitMqServer.VirtualHost,
        ["configure"] = Writable(service),
        ["write"] = Writable(service),
        ["read"] = Readable(service),
    };

    private static JsonObject User(string service, string password) => new()
    {
        ["name"] = service,
        ["password_hash"] = Hash(service, password),
        ["hashing_algorithm"] = "rabbit_password_hashing_sha256",
        ["tags"] = "",
    };

    // RabbitMQ's own format: salt and SHA-256 of salt and password. The salt is derived, so that the file says the same at each start; the
    // password is 256 random bits, which no table holds.
    private static string Hash(string service, string password)
    {
        var salt = SHA256.HashData(Encoding.UTF8.GetBytes(service + password))[..SaltBytes];
        return Convert.ToBase64String([.. salt, .. SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(password)])]);
    }
}
