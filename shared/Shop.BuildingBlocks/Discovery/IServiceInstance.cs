namespace Shop.BuildingBlocks.Discovery;

/// <summary>One replica of a service, as a registry knows it; the members are those of Steeltoe 4.</summary>
/// <remarks>That it is known does not mean that it answers.</remarks>
public interface IServiceInstance
{
    string ServiceId { get; }

    string InstanceId { get; }

    string Host { get; }

    int Port { get; }

    bool IsSecure { get; }

    Uri Uri { get; }

    Uri? NonSecureUri { get; }

    Uri? SecureUri { get; }

    IReadOnlyDictionary<string, string?> Metadata { get; }
}
