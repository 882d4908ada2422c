using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Discovery;
using Shop.BuildingBlocks.Storage;
using StackExchange.Redis;

namespace Shop.BuildingBlocks.Locks;

/// <summary>Refuses locks that would exclude nobody, or that have nobody to keep them.</summary>
internal sealed class LockOptionsCheck(IConfiguration configuration, IOptions<DatabaseOptions> database) : IPostConfigureOptions<LockOptions>, IValidateOptions<LockOptions>
{
    private const string ProviderKey = $"{LockOptions.Section}:{nameof(LockOptions.Provider)}";
    private const string NodesKey = $"{LockOptions.Section}:{nameof(LockOptions.Nodes)}";

    private static readonly TimeSpan ShortestSession = TimeSpan.FromSeconds(10);

    private bool IsShared => database.Value.Provider is DatabaseProvider.Postgres;

    public void PostConfigure(string? name, LockOptions options)
    {
        if (options.Provider.Length == 0)
        {
            options.Provider = !IsShared ? LockProviders.Process : options.Nodes.Count > 0 ? LockProviders.Redlock : LockProviders.PostgresAdvisory;
        }
    }

    public ValidateOptionsResult Validate(string? name, LockOptions options)
    {
        List<string> errors = options.Provider switch
        {
            LockProviders.Process => IsShared ? [$"{ProviderKey}=process excludes no other process, and this database has several."] : [],
            LockProviders.Redlock => [.. NodeErrors(options.Nodes)],
            LockProviders.PostgresAdvisory or LockProviders.PostgresRow => IsShared ? [] : [$"{ProviderKey}={options.Provider} needs {DatabaseOptions.Section}:{nameof(DatabaseOptions.Provider)}=Postgres."],
            LockProviders.Consul => [.. ConsulErrors(options)],
            _ => [$"{ProviderKey}={options.Provider}: one of {string.Join(", ", LockProviders.All)}."],
        };
        if (options.MaxHold < options.TimeToLive)
        {
            errors.Add($"{LockOptions.Section}:{nameof(LockOptions.MaxHold)} must be no shorter than {nameof(LockOptions.TimeToLive)}.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private IEnumerable<string> ConsulErrors(LockOptions options)
    {
        if (!ConsulOptions.IsWanted(configuration))
        {
            yield return $"{ProviderKey}=consul needs {ConsulOptions.Section}:{nameof(ConsulOptions.Host)}.";
        }

        if (options.TimeToLive < ShortestSession)
        {
            yield return $"{LockOptions.Section}:{nameof(LockOptions.TimeToLive)} must be at least {ShortestSession} with Consul, which keeps no shorter session.";
        }
    }

    private static IEnumerable<string> NodeErrors(IReadOnlyList<string> nodes)
    {
        // Two nodes outvote nobody, and an even number needs as many answers as the next odd one.
        if (nodes.Count < 3 || nodes.Count % 2 == 0)
        {
            yield return $"{NodesKey} must name 3, 5 or another odd number of independent servers, not {nodes.Count}.";
        }

        var seen = new HashSet<string>();
        foreach (var (index, node) in nodes.Index())
        {
            if (AddressOf(node) is not { } address)
            {
                yield return $"{NodesKey}:{index} cannot be read: one server, as host:port,password=..";
            }
            else if (!seen.Add(address))
            {
                yield return $"{NodesKey}:{index} is {address} again: a server has one vote.";
            }
        }
    }

    // Not the string itself in a message: it may hold a password.
    private static string? AddressOf(string node)
    {
        try
        {
            return ConfigurationOptions.Parse(node).EndPoints is [var only] ? only is DnsEndPoint name ? $"{name.Host}:{name.Port}" : $"{only}" : null;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            return null;
        }
    }
}
