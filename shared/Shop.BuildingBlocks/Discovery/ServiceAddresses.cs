using Microsoft.Extensions.Configuration;

namespace Shop.BuildingBlocks.Discovery;

/// <summary>The base addresses of the replicas of one service, from <c>Services:&lt;name&gt;</c>.</summary>
/// <remarks>Read when asked, not watched: who keeps the answer keeps the addresses of that moment.</remarks>
public static class ServiceAddresses
{
    public const string Section = "Services";

    public static IReadOnlyList<Uri> Of(IConfiguration configuration, string serviceName)
    {
        var key = $"{Section}:{serviceName}";
        var addresses = configuration.GetSection(key).Get<string[]>() ?? [];
        if (addresses.Length == 0)
        {
            throw new InvalidOperationException($"{key} must list at least one base address, such as http://127.0.0.1:5001.");
        }

        return [.. addresses.Select(address => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw new InvalidOperationException($"{key}: '{address}' is not an absolute http address."))];
    }
}
