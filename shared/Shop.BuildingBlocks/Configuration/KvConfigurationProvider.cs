using Microsoft.Extensions.Configuration;

namespace Shop.BuildingBlocks.Configuration;

/// <summary>The settings from the store as the uppermost source of the configuration: what an operator changes there wins, and is seen to win.</summary>
internal sealed class KvConfigurationProvider : ConfigurationProvider, IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    /// <summary>Replaces all values at once, then tells those who watch.</summary>
    public void Apply(KvSnapshot snapshot)
    {
        Data = LiveSettings.ValuesOf(snapshot);
        OnReload();
    }

    public override string ToString() => "Consul KV";
}
