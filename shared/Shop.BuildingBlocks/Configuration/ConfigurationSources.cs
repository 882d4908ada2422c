using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;

namespace Shop.BuildingBlocks.Configuration;

/// <summary>A value of the configuration and the source that it comes from.</summary>
/// <remarks>The value is as it was read, secrets and all: whoever shows it masks it.</remarks>
public sealed record ConfigurationValue(string Value, IConfigurationProvider Source);

/// <summary>Looks at the sources of a configuration one by one, which the configuration itself hides.</summary>
/// <remarks>Sources that change meanwhile are seen in part before and in part after the change.</remarks>
public static class ConfigurationSources
{
    /// <summary>Each key with the value that wins.</summary>
    public static ImmutableSortedDictionary<string, ConfigurationValue> Flatten(IEnumerable<IConfigurationProvider> sources)
    {
        var values = ImmutableSortedDictionary.CreateBuilder<string, ConfigurationValue>(StringComparer.OrdinalIgnoreCase);
        foreach (var source in sources)
        {
            Collect(source, null);
        }

        return values.ToImmutable();

        void Collect(IConfigurationProvider source, string? parent)
        {
            foreach (var child in source.GetChildKeys([], parent).Distinct(StringComparer.OrdinalIgnoreCase))
            {
                var key = parent is null ? child : ConfigurationPath.Combine(parent, child);
                if (source.TryGet(key, out var value) && value is not null)
                {
                    values[key] = new ConfigurationValue(value, source);
                }

                Collect(source, key);
            }
        }
    }
}
