using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Shop.BuildingBlocks.Configuration;
using Shop.Contracts;
using Shop.IntegrationTests.Support;

namespace Shop.IntegrationTests.Guards;

/// <summary>Each guard holds against its fault, and nothing else does: switched off, the invariant breaks.</summary>
public sealed class GuardTests
{
    private const string Page = "docs/guards.md";
    private const string Update = "SHOP_UPDATE_DOCS";

    public static TheoryData<string> Guards => [.. GuardCases.All.Select(c => c.Guard)];

    [Theory]
    [MemberData(nameof(Guards))]
    public async Task It_holds_and_without_it_the_invariant_breaks(string guard)
    {
        var subject = GuardCases.All.Single(c => c.Guard == guard);

        Assert.Equal(0, await subject.RunAsync(true));
        var damaged = await subject.RunAsync(false);
        Assert.True(damaged > 0, $"Without {guard} nothing broke: it is not the last guard of its anomaly.");

        if (Environment.GetEnvironmentVariable(Update) is "1")
        {
            Write(subject, damaged);
        }
    }

    [Fact]
    public void The_page_names_every_guard_and_what_it_is_for()
    {
        var rows = File.ReadAllLines(PathOfPage()).Where(line => line.StartsWith("| `", StringComparison.Ordinal)).ToList();
        Assert.Equal(GuardCases.All.Select(Begin), rows.Select(row => row[..(row.IndexOf("| held", StringComparison.Ordinal))]));
    }

    [Fact]
    public async Task Production_refuses_to_start_without_a_guard()
    {
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => EmbeddedShopHost.StartAsync(null, null, null, "Production", ("Guards:Dedupe", "false")));
        Assert.Contains("no guard may be off in the Production environment", exception.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Production", "Outbox", true, "Guards: no guard may be off in the Production environment.")]
    [InlineData("Lab", "Outbox", true, null)]
    [InlineData("Lab", "Idempotency", false, null)]
    public async Task The_store_may_switch_one_off_where_the_process_itself_may(string environment, string guard, bool isLive, string? refusal)
    {
        await using var shop = await EmbeddedShopHost.StartAsync(null, null, null, environment);
        foreach (var service in new[] { ServiceNames.Ordering, ServiceNames.Inventory, ServiceNames.Payments })
        {
            var live = shop.App(service).Services.GetRequiredService<LiveSettings>();
            var snapshot = new KvLayers("config", service, []).Merge(1, [new($"config/application/Guards/{guard}", "false"u8.ToArray(), 1)], live.IsAllowed);

            Assert.Equal(isLive, snapshot.Settings.ContainsKey($"Guards:{guard}"));
            Assert.Equal(refusal is null ? [] : [refusal], live.Check(shop.App(service).Configuration, snapshot).ToArray());
        }
    }

    private static string PathOfPage()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Shop.sln")))
        {
            directory = Path.GetDirectoryName(directory)!;
        }

        return Path.Combine(directory, Page);
    }

    private static string Begin(GuardCase c) => $"| `{c.Guard}` | {c.Drops} | {c.Fault} | {c.Breaks} ";

    // A row that is there is replaced; the rows stand in the order of the cases.
    private static void Write(GuardCase subject, long damaged)
    {
        var path = PathOfPage();
        var row = string.Create(
            CultureInfo.InvariantCulture, $"{Begin(subject)}| held {Schedule.Orders} of {Schedule.Orders} | {Math.Min(damaged, Schedule.Orders)} of {Schedule.Orders} broken |");
        lock (Update)
        {
            var lines = File.ReadAllLines(path).ToList();
            lines.RemoveAll(line => line.StartsWith($"| `{subject.Guard}`", StringComparison.Ordinal));
            var order = GuardCases.All.Select(c => c.Guard).ToList();
            var before = order[..order.IndexOf(subject.Guard)].Select(g => lines.FindIndex(l => l.StartsWith($"| `{g}`", StringComparison.Ordinal)))
                .Append(lines.FindIndex(l => l.StartsWith("| ---", StringComparison.Ordinal))).Max();
            lines.Insert(before + 1, row);
            File.WriteAllText(path, string.Join('\n', lines) + '\n', new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        }
    }
}
