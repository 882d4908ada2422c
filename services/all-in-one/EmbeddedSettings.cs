using System.Globalization;
using System.Security.Cryptography;
using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts;
using Shop.ServiceDefaults;

namespace Shop.AllInOne;

/// <summary>The configuration that the four applications get in one process: addresses, databases, and keys made for this run.</summary>
internal sealed class EmbeddedSettings(EmbeddedOptions options, DataDirectory data)
{
    private static readonly string[] InPortOrder = [ServiceNames.Gateway, ServiceNames.Ordering, ServiceNames.Inventory, ServiceNames.Payments];

    private readonly string _signingKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private readonly string _serviceKey = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
    private readonly string _operatorKey = data.WriteOperatorKey();

    public Dictionary<string, string?> For(string service)
    {
        var settings = new Dictionary<string, string?>
        {
            [WebHostDefaults.ServerUrlsKey] = AddressOf(service),
            [$"{ShopIdentityOptions.Section}:{nameof(ShopIdentityOptions.SigningKeys)}:0"] = _signingKey,
            [$"{SecurityOptions.Section}:{nameof(SecurityOptions.ServiceKey)}"] = _serviceKey,
            [$"{SecurityOptions.Section}:{nameof(SecurityOptions.OperatorKey)}"] = _operatorKey,
            [$"{DatabaseOptions.Section}:{nameof(DatabaseOptions.Path)}"] = data.DatabaseOf(service),
            [$"{SnowflakeOptions.Section}:{nameof(SnowflakeOptions.WorkerId)}"] =
                Array.IndexOf(InPortOrder, service).ToString(CultureInfo.InvariantCulture),
        };
        foreach (var other in InPortOrder)
        {
            settings[$"Services:{other}:0"] = AddressOf(other);
        }

        foreach (var (key, value) in options.Overrides)
        {
            settings[key] = value;
        }

        return settings;
    }

    // The gateway is for browsers, which say localhost; the services are for nobody outside, and have one address only.
    private string AddressOf(string service) => service is ServiceNames.Gateway
        ? string.Create(CultureInfo.InvariantCulture, $"http://localhost:{options.Port}")
        : string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{options.Port + Array.IndexOf(InPortOrder, service)}");
}
