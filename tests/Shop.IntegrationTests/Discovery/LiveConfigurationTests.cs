using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Shop.BuildingBlocks.Configuration;
using Shop.BuildingBlocks.Messaging;
using Shop.Contracts;
using Shop.IntegrationTests.Support;

namespace Shop.IntegrationTests.Discovery;

public sealed class LiveConfigurationTests : IAsyncLifetime
{
    private readonly TempDirectory _directory = new();
    private ConsulProcess _consul = null!;

    private string SnapshotPath => Path.Combine(_directory.Path, "settings.json");

    public async Task InitializeAsync() => _consul = await ConsulProcess.StartAsync();

    public async Task DisposeAsync()
    {
        await _consul.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_value_from_the_store_is_there_before_the_process_starts_and_a_change_needs_no_restart()
    {
        await _consul.SetAsync(("config/application/Messaging/MaxMessages", "100"));
        await using var app = await StartAsync();
        Assert.Equal(100, MaxMessages(app));

        await _consul.SetAsync(("config/application/Messaging/MaxMessages", "200"));

        await Eventually.TrueAsync(() => MaxMessages(app) == 200);
    }

    [Fact]
    public async Task The_more_special_layer_wins_over_the_more_general_one_and_over_the_process_itself()
    {
        await using var app = await StartAsync();
        Assert.Equal(50, MaxMessages(app));

        foreach (var (layer, value) in new[] { ("application", 1), ("inventory", 2), ("inventory,production", 3) })
        {
            await _consul.SetAsync(($"config/{layer}/Messaging/MaxMessages", $"{value}"), ("config/ordering/Messaging/MaxMessages", "9999"));
            await Eventually.TrueAsync(() => MaxMessages(app) == value);
            Assert.Equal(layer, (await app.SettingAsync("Messaging:MaxMessages"))!["layer"]!.GetValue<string>());
        }
    }

    [Theory]
    [InlineData("Messaging/MaxMessages", "0")] // out of range
    [InlineData("Messaging/MaxMessages", "many")] // no number
    [InlineData("Messaging/TriesAlone/Often", "1")] // no such thing
    public async Task One_bad_value_refuses_the_whole_snapshot_and_the_old_one_stays(string key, string value)
    {
        await _consul.SetAsync(("config/inventory/Messaging/MaxMessages", "100"));
        await using var app = await StartAsync();

        await _consul.SetAsync(($"config/inventory/{key}", value), ("config/inventory/Messaging/PollInterval", "00:00:07"));
        await Eventually.TrueAsync(async () => (await app.ConfigAsync())["rejected"] is not null);

        Assert.Equal((100, TimeSpan.FromSeconds(1)), (MaxMessages(app), Options(app).PollInterval));
        Assert.Contains("Messaging", (await app.ConfigAsync())["rejected"]!["reasons"]!.ToJsonString(), StringComparison.Ordinal);

        await _consul.PutAsync("kv/config/inventory/Messaging/MaxMessages", "300");
        if (key.EndsWith("Often", StringComparison.Ordinal))
        {
            return; // the bad key is still there
        }

        await Eventually.TrueAsync(() => MaxMessages(app) == 300);
        Assert.Equal(TimeSpan.FromSeconds(7), Options(app).PollInterval);
        await Eventually.TrueAsync(async () => (await app.ConfigAsync())["rejected"] is null); // told once all have taken the values
    }

    [Fact]
    public async Task What_may_never_come_from_the_store_is_ignored_and_said_so()
    {
        string[] forbidden = ["Security/OperatorKey", "Identity/SigningKeys/0", "Database/ConnectionString", "Consul/Host", "Messaging/Transport"];
        await _consul.SetAsync([.. forbidden.Select(key => ($"config/inventory/{key}", "poison")), ("config/inventory/Messaging/MaxMessages", "100")]);

        await using var app = await StartAsync();

        Assert.Equal(100, MaxMessages(app));
        var config = await app.ConfigAsync(); // answered: the operator's key is the old one
        Assert.Equal(
            [.. forbidden.Select(key => $"inventory/{key.Replace('/', ':')}").Order(StringComparer.OrdinalIgnoreCase)],
            config["ignored"]!.AsArray().Select(key => key!.GetValue<string>()));
        Assert.DoesNotContain("poison", config["settings"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_without_Consul_starts_with_the_last_good_settings_and_follows_when_it_is_back()
    {
        await _consul.SetAsync(("config/inventory/Messaging/MaxMessages", "100"));
        await using (await StartAsync())
        {
        }

        await _consul.DownAsync();
        await using var app = await StartAsync(("Consul:Config:StartWait", "00:00:00.300"), ("Consul:Discovery:Register", "false"));

        Assert.Equal(100, MaxMessages(app));
        Assert.Equal("File", (await app.ConfigAsync())["origin"]!.ToString());

        await _consul.UpAsync();
        await _consul.SetAsync(("config/inventory/Messaging/MaxMessages", "101"));
        await Eventually.TrueAsync(() => MaxMessages(app) == 101);
    }

    [Fact]
    public async Task A_store_that_has_lost_its_data_changes_nothing_and_one_that_was_emptied_does()
    {
        await _consul.SetAsync(("config/inventory/Messaging/MaxMessages", "100"));
        for (var i = 0; i < 20; i++)
        {
            await _consul.SetAsync(("config/inventory/Messaging/MaxMessages", $"{101 + i}")); // well past the index of a fresh store
        }

        await using var app = await StartAsync();
        await _consul.RestartEmptyAsync();
        await Eventually.StaysAsync(() => MaxMessages(app) == 120, seconds: 3);

        await _consul.SetAsync(("config/inventory/Messaging/MaxMessages", "7"));
        await Eventually.TrueAsync(() => MaxMessages(app) == 7);
        await _consul.SetAsync(("other", "x"));
        using var http = new HttpClient();
        await http.DeleteAsync($"http://127.0.0.1:{_consul.Port}/v1/kv/config/?recurse=true");
        await Eventually.TrueAsync(() => MaxMessages(app) == 50);
    }

    [Fact]
    public async Task A_key_that_is_no_setting_makes_nobody_read_his_settings_again()
    {
        await using var app = await StartAsync();
        var reloads = 0;
        using var watch = ChangeToken.OnChange(app.Get<IConfiguration>().GetReloadToken, () => Interlocked.Increment(ref reloads));
        var before = await VersionAsync(app);

        await _consul.SetAsync(("shop/ids/workers/7", "a lease that is renewed"));
        await Eventually.TrueAsync(async () => await VersionAsync(app) > before);
        Assert.Equal(0, Volatile.Read(ref reloads));

        await _consul.SetAsync(("config/inventory/Messaging/MaxMessages", "100"));
        await Eventually.TrueAsync(() => MaxMessages(app) == 100 && Volatile.Read(ref reloads) == 1);
    }

    [Fact]
    public async Task The_operator_sees_who_runs_what_and_no_secret()
    {
        await _consul.SetAsync(("config/inventory/Messaging/MaxMessages", "100"));
        await using var app = await StartAsync();

        var setting = (await app.SettingAsync("Messaging:MaxMessages"))!;
        Assert.Equal(("100", "inventory"), (setting["value"]!.GetValue<string>(), setting["layer"]!.GetValue<string>()));
        Assert.True(setting["version"]!.GetValue<ulong>() > 0);
        Assert.NotNull(setting["appliedAt"]);
        Assert.Equal("default", (await app.SettingAsync("Messaging:TriesAlone"))!["layer"]!.GetValue<string>());
        Assert.Equal("***", (await app.SettingAsync("Security:OperatorKey"))!["value"]!.GetValue<string>());
        Assert.Equal("***", (await app.SettingAsync("Identity:SigningKeys:0"))!["value"]!.GetValue<string>());
    }

    private Task<AppHost> StartAsync(params (string Key, string Value)[] more) => AppHost.StartAsync(
        ServiceNames.Inventory,
        _consul.Settings("inventory-1", [("Consul:Config:SnapshotPath", SnapshotPath), ("Messaging:MaxMessages", "50"), .. more]),
        AddMessagingOptions,
        _ => { });

    private static void AddMessagingOptions(WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<MessagingOptions>().BindConfiguration(MessagingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddLive<MessagingOptions>(
            MessagingOptions.Section, nameof(MessagingOptions.MaxMessages), nameof(MessagingOptions.PollInterval), nameof(MessagingOptions.TriesAlone));
    }

    private static async Task<ulong> VersionAsync(AppHost app) => (await app.ConfigAsync())["version"]!.GetValue<ulong>();

    private static MessagingOptions Options(AppHost app) => app.Get<IOptionsMonitor<MessagingOptions>>().CurrentValue;

    private static int MaxMessages(AppHost app) => Options(app).MaxMessages;
}
