using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Quartz;
using Shop.BuildingBlocks.Alarms;
using Shop.BuildingBlocks.CleanUp;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Jobs;

/// <summary>Registers a service's jobs.</summary>
public static class JobsRegistration
{
    private const string InstanceKey = "Shop:Instance";

    /// <summary>Adds schedule, workers and alarms, and the clean-up that every service has. After the database, so that its schema is there first.</summary>
    public static void AddJobs<TContext>(this IHostApplicationBuilder builder, string service) where TContext : ShopDbContext
    {
        var services = builder.Services;
        services.AddOptions<JobsOptions>().BindConfiguration(JobsOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(new JobNode(service, builder.Configuration[InstanceKey] ?? $"{service}-1"));
        services.AddSingleton<JobSignal>();
        services.AddSingleton<JobCatalogue<TContext>>();
        services.AddSingleton<JobStore<TContext>>();
        services.AddSingleton<JobWorker<TContext>>();
        services.AddSingleton<OpenRun>(provider => (name, dueAt, cancellationToken) =>
            provider.GetRequiredService<JobCatalogue<TContext>>().Find(name) is { } job
                ? provider.GetRequiredService<JobStore<TContext>>().FireAsync(job, dueAt, cancellationToken)
                : Task.CompletedTask);
        services.AddTransient<FireJob>();
        builder.AddClock(service);
        services.AddAlarms<TContext>();
        services.AddCleanUp<TContext>();
        services.AddHostedService<JobClock<TContext>>();
        services.AddHostedService(provider => provider.GetRequiredService<JobWorker<TContext>>());
    }

    /// <summary>Adds a job, and the alarms that watch over it.</summary>
    public static IServiceCollection AddJob<TContext, TJob>(this IServiceCollection services)
        where TContext : ShopDbContext
        where TJob : class, IScheduledJob<TContext>
    {
        services.AddSingleton<TJob>();
        services.AddSingleton<IScheduledJob<TContext>>(provider => provider.GetRequiredService<TJob>());
        services.AddSingleton<IAlarmSource<TContext>>(provider => new LateJobAlarm<TContext>(InForce(provider), provider.GetRequiredService<TimeProvider>()));
        return services.AddSingleton<IAlarmSource<TContext>>(
            provider => new UnfinishedJobAlarm<TContext>(InForce(provider), provider.GetRequiredService<TimeProvider>()));

        static JobDefinition InForce(IServiceProvider provider) =>
            provider.GetRequiredService<JobCatalogue<TContext>>().Find(provider.GetRequiredService<TJob>().Definition.Name)!;
    }

    private static void AddClock(this IHostApplicationBuilder builder, string service)
    {
        var jobs = builder.Configuration.GetSection(JobsOptions.Section).Get<JobsOptions>() ?? new JobsOptions();
        var database = builder.Configuration.GetSection(DatabaseOptions.Section).Get<DatabaseOptions>() ?? new DatabaseOptions();
        builder.Services.AddQuartz(quartz =>
        {
            quartz.ConfigureScheduler(scheduler =>
            {
                scheduler.InstanceName = service;
                scheduler.InstanceId = $"{builder.Configuration[InstanceKey] ?? service}:{Guid.NewGuid():N}";
            });
            quartz.UseDefaultThreadPool(maxConcurrency: 1); // opening a run takes a moment, and the work is done elsewhere
            if (database.Provider is not DatabaseProvider.Postgres)
            {
                quartz.UseInMemoryStore(store => store.MisfireThreshold = jobs.MisfireThreshold);
                return;
            }

            quartz.UsePersistentStore(store =>
            {
                store.ConfigureStore(settings =>
                {
                    settings.StoreJobDataAsStrings = true; // text, readable by any version
                    settings.MisfireThreshold = jobs.MisfireThreshold;
                    settings.DbRetryInterval = TimeSpan.FromSeconds(2);
                });
                store.UsePostgres(NpgsqlFactory.Instance, ConnectionString(database, jobs));
                store.UseClustering(cluster =>
                {
                    cluster.CheckinInterval = jobs.CheckinInterval;
                    cluster.CheckinMisfireThreshold = jobs.CheckinInterval;
                });
            });
        });
    }

    // A few connections of its own: a schedule that waits must not keep a customer waiting, nor the other way round. A paused process must not keep
    // the locks of the schedule, which all nodes share.
    private static string ConnectionString(DatabaseOptions database, JobsOptions jobs) =>
        new NpgsqlConnectionStringBuilder(database.ConnectionString)
        {
            MaxPoolSize = jobs.PoolSize,
            Options = "-c lock_timeout=15000 -c idle_in_transaction_session_timeout=10000",
        }.ToString();
}
