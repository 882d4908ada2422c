namespace Shop.ServiceDefaults;

/// <summary>Which service this process is, and which of its replicas.</summary>
/// <remarks>The instance is a label for people and tests; nothing guarantees that two replicas were given different ones.</remarks>
public sealed record ServiceInfo(string Name, string Instance)
{
    public const string InstanceKey = "Shop:Instance";
}
