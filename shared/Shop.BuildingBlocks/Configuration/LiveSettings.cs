using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Shop.BuildingBlocks.Configuration;

/// <summary>A part of the configuration that may change while the process runs, and so may come from the store.</summary>
/// <remarks>Whoever reads such a part once and keeps it does not see the change: it has to be read through a monitor.</remarks>
/// <param name="Keys">Names directly below the section; all of them when empty.</param>
/// <param name="Check">What is wrong with a configuration (all sources, the store alone), as far as this part is concerned.</param>
/// <param name="Current">The values in force, with their defaults.</param>
public sealed record LiveSection(
    string Section,
    ImmutableArray<string> Keys,
    Func<IConfiguration, IConfiguration, IEnumerable<string>> Check,
    Func<object> Current)
{
    public bool Holds(string key) =>
        key.StartsWith(Section + ConfigurationPath.KeyDelimiter, StringComparison.OrdinalIgnoreCase)
        && (Keys.IsEmpty || Keys.Contains(key[(Section.Length + 1)..].Split(':')[0], StringComparer.OrdinalIgnoreCase));
}

/// <summary>Everything that may come from the store, and whether a snapshot of it may be applied.</summary>
/// <remarks>A value that is valid may still be unwise: the schema knows that a limit is a positive number, not that it is too small.</remarks>
public sealed class LiveSettings(IEnumerable<LiveSection> sections)
{
    private readonly ImmutableArray<LiveSection> _sections = [.. sections];

    public IEnumerable<LiveSection> Sections => _sections;

    public bool IsAllowed(string key) => _sections.Any(live => live.Holds(key));

    /// <summary>What is wrong with the configuration that a snapshot would lead to; nothing, if it may be applied.</summary>
    /// <param name="below">Every other source of the process.</param>
    public ImmutableArray<string> Check(IConfiguration below, KvSnapshot snapshot)
    {
        var own = new ConfigurationBuilder().AddInMemoryCollection(ValuesOf(snapshot)).Build();
        var all = new ConfigurationBuilder().AddConfiguration(below).AddConfiguration(own).Build();
        return [.. _sections.SelectMany(live => live.Check(all, own))];
    }

    internal static Dictionary<string, string?> ValuesOf(KvSnapshot snapshot) =>
        snapshot.Settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value.Value, StringComparer.OrdinalIgnoreCase);

    /// <summary>Binds and validates <typeparamref name="TOptions"/> in the way the process itself does.</summary>
    internal static IEnumerable<string> Check<TOptions>(
        string section, IConfiguration all, IConfiguration own, IEnumerable<IValidateOptions<TOptions>> validators)
        where TOptions : class, new()
    {
        var options = new TOptions();
        try
        {
            // A misspelt key would change nothing and tell nobody.
            own.GetSection(section).Bind(new TOptions(), binder => binder.ErrorOnUnknownConfiguration = true);
            all.GetSection(section).Bind(options);
        }
        catch (InvalidOperationException exception)
        {
            return [$"{section}: {exception.Message} {exception.InnerException?.Message}".TrimEnd()];
        }

        return validators
            .Select(validator => validator.Validate(Options.DefaultName, options))
            .Where(result => result.Failed)
            .SelectMany(result => result.Failures ?? []);
    }
}
