using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shop.BuildingBlocks.CleanUp;
using Shop.BuildingBlocks.Messaging;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Transactions;

/// <summary>Registers a service's part in the checkouts.</summary>
/// <remarks>Somebody else provides <see cref="IDecisions"/>.</remarks>
public static class ParticipantRegistration
{
    /// <summary>Adds the participant, the handler of its messages, and what ends holds and branches that were left behind.</summary>
    public static void AddParticipant<TContext, TParticipant>(this IHostApplicationBuilder builder, string service, params string[] destinations)
        where TContext : ShopDbContext
        where TParticipant : class, IParticipant<TContext>
    {
        var services = builder.Services;
        services.AddOptions<ParticipantOptions>().BindConfiguration(ParticipantOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IParticipant<TContext>, TParticipant>();
        builder.AddMessaging<TContext, ParticipantHandler<TContext>>(service, destinations);
        services.AddCleanUpOptions();
        services.AddSingleton<ISweep<TContext>, OperationSweep<TContext>>();
        services.AddHostedService<HoldExpiry<TContext>>();
        services.AddSingleton<XaBranches<TContext>>();
        services.AddSingleton<CommandCalls<TContext>>();
        if (builder.Configuration.GetSection(DatabaseOptions.Section).Get<DatabaseOptions>() is { Provider: DatabaseProvider.Postgres })
        {
            services.AddHostedService<XaRecovery<TContext>>();
        }
    }
}
