using System.ComponentModel.DataAnnotations;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Shop.BuildingBlocks.Configuration;
using Shop.ServiceDefaults;

namespace Shop.UnitTests.Configuration;

public sealed class KvTests
{
    private readonly KvLayers _layers = new("config", "ordering", ["production", "ordering-2"]);
    private readonly LiveSettings _live = Live(services => services.AddLive<Sizes>("Sizes"));

    [Fact]
    public void Later_layers_cover_earlier_ones_and_foreign_ones_are_not_seen()
    {
        var snapshot = Merge(
            ("config/ordering,ordering-2/Sizes/D", "replica"),
            ("config/ordering,production/Sizes/C", "profile"), ("config/ordering,production/Sizes/D", "profile"),
            ("config/ordering/Sizes/B", "app"), ("config/ordering/Sizes/C", "app"), ("config/ordering/Sizes/D", "app"),
            ("config/application/Sizes/A", "all"), ("config/application/Sizes/B", "all"), ("config/application/Sizes/C", "all"), ("config/application/Sizes/D", "all"),
            ("config/payments/Sizes/A", "foreign"), ("config/ordering,staging/Sizes/A", "foreign"), ("config/ordering/", ""), ("config/ordering/Sizes/", ""));

        Assert.Equal(
            [("Sizes:A", "all", "application"), ("Sizes:B", "app", "ordering"), ("Sizes:C", "profile", "ordering,production"), ("Sizes:D", "replica", "ordering,ordering-2")],
            snapshot.Settings.Select(setting => (setting.Key, setting.Value.Value, setting.Value.Layer)));
        Assert.Empty(snapshot.Ignored);
    }

    [Fact]
    public void What_is_not_declared_is_ignored_by_name()
    {
        var snapshot = Merge(("config/ordering/Security/ServiceKey", "x"), ("config/application/Sizes/A", "1"), ("config/ordering/Sizesque", "x"));

        Assert.Equal(["Sizes:A"], snapshot.Settings.Keys);
        Assert.Equal(["ordering/Security:ServiceKey", "ordering/Sizesque"], snapshot.Ignored);
    }

    [Theory]
    [InlineData("Security")]
    [InlineData("identity:SigningKeys")]
    [InlineData("Consul")]
    [InlineData("Database")]
    [InlineData("ConnectionStrings")]
    public void Nobody_can_declare_what_may_never_come_from_the_store(string section) =>
        Assert.Throws<InvalidOperationException>(() => new ServiceCollection().AddLive<Sizes>(section));

    [Fact]
    public void Only_the_named_keys_of_a_section_are_allowed()
    {
        var live = Live(services => services.AddLive<Sizes>("Sizes", nameof(Sizes.Batch)));

        Assert.True(live.IsAllowed("sizes:batch"));
        Assert.False(live.IsAllowed("Sizes:Wait"));
        Assert.False(live.IsAllowed("Sizes"));
    }

    [Theory]
    [InlineData("Batch", "100", true)]
    [InlineData("Batch", "0", false)] // out of its range
    [InlineData("Batch", "ten", false)] // of the wrong type
    [InlineData("Bacth", "10", false)] // misspelt
    [InlineData("Batch:Deep", "10", false)]
    [InlineData("Wait", "00:00:05", true)]
    [InlineData("Wait", "5 seconds", false)]
    public void A_snapshot_is_judged_as_the_options_would_be(string key, string value, bool isGood) =>
        Assert.Equal(isGood, _live.Check(Below(), Merge(($"config/ordering/Sizes/{key.Replace(':', '/')}", value))).IsEmpty);

    [Fact]
    public void Values_are_judged_together_with_what_lies_below_them()
    {
        var good = Merge(("config/ordering/Sizes/Batch", "5"));

        Assert.Empty(_live.Check(Below(("Sizes:Most", "10")), good));
        Assert.Contains("more than the most", Assert.Single(_live.Check(Below(("Sizes:Most", "4")), good)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_gives_back_what_it_was_given_and_only_what_is_still_allowed()
    {
        var directory = Directory.CreateTempSubdirectory("shop-kv-");
        try
        {
            var file = new SnapshotFile(Path.Combine(directory.FullName, "deep", "settings.json"), NullLogger.Instance);
            Assert.Null(file.Load(_ => true));
            var snapshot = Merge(("config/ordering/Sizes/Batch", "5"), ("config/ordering/Sizes/Wait", "00:00:01"));

            file.Save(snapshot);

            var kept = file.Load(_ => true)!;
            Assert.Equal(snapshot.Version, kept.Version);
            Assert.Equal(snapshot.Settings, kept.Settings);
            Assert.Equal(["Sizes:Batch"], file.Load(key => key.EndsWith("Batch", StringComparison.Ordinal))!.Settings.Keys);
            File.WriteAllText(Path.Combine(directory.FullName, "deep", "settings.json"), "{ half");
            Assert.Null(file.Load(_ => true));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_value_that_did_not_change_keeps_its_time()
    {
        var (first, second) = (DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddHours(1));
        var before = KvState.None.Applied(Merge(("config/ordering/Sizes/A", "1"), ("config/ordering/Sizes/B", "1")), KvOrigin.Consul, first);

        var after = before.Applied(Merge(("config/ordering/Sizes/A", "1"), ("config/ordering/Sizes/B", "2")), KvOrigin.Consul, second);

        Assert.Equal((first, second), (after.AppliedAt["Sizes:A"], after.AppliedAt["sizes:b"]));
    }

    [Theory]
    [InlineData("Security:OperatorKey", "x", true)]
    [InlineData("RabbitMq:Password", "x", true)]
    [InlineData("Consul:Token", "x", true)]
    [InlineData("Database:ConnectionString", "x", true)]
    [InlineData("Some:Address", "amqp://user:word@host", true)]
    [InlineData("Some:Setting", "Host=x;Password=word", true)]
    [InlineData("Services:ordering:0", "http://127.0.0.1:5001", false)]
    [InlineData("Limits:Session:Permits", "500", false)]
    public void A_secret_is_told_by_its_name_or_its_form(string key, string value, bool isSecret) =>
        Assert.Equal(isSecret ? "***" : value, ConfigEndpoints.Mask(key, value));

    private static LiveSettings Live(Action<IServiceCollection> add)
    {
        var services = new ServiceCollection().AddSingleton<LiveSettings>();
        services.AddOptions<Sizes>().ValidateDataAnnotations().Validate(sizes => sizes.Batch <= sizes.Most, "The batch is more than the most.");
        add(services);
        return services.BuildServiceProvider().GetRequiredService<LiveSettings>();
    }

    private static IConfiguration Below(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build();

    private KvSnapshot Merge(params (string Key, string Value)[] pairs) => _layers.Merge(
        42,
        pairs.Select(pair => new KvPair(pair.Key, Encoding.UTF8.GetBytes(pair.Value), (ulong)pair.Value.Length)),
        _live.IsAllowed);

    private sealed class Sizes
    {
        [Range(1, 1000)]
        public int Batch { get; set; } = 1;

        public int Most { get; set; } = 1000;

        public TimeSpan Wait { get; set; } = TimeSpan.FromSeconds(1);
    }
}
