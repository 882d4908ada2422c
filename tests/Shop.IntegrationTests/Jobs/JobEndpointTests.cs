using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Shop.BuildingBlocks.Messaging;
using Shop.IntegrationTests.Discovery;
using Shop.IntegrationTests.Payments;
using Shop.IntegrationTests.Reconciliation;
using Shop.IntegrationTests.Support;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Jobs;

/// <summary>Jobs and alarms as operators see them, on each service.</summary>
public sealed class JobEndpointTests
{
    [Fact]
    public async Task Every_service_lists_its_jobs_with_their_policies_and_how_they_stand()
    {
        await using var shop = await EmbeddedShopHost.StartAsync();

        Assert.Equal(["clean-up", "overdue-orders", "reconciliation"], await NamesAsync(shop, shop.OrderingAddress));
        Assert.Equal(["clean-up"], await NamesAsync(shop, shop.InventoryAddress));
        Assert.Equal(["clean-up", "settlement"], await NamesAsync(shop, shop.PaymentsAddress));

        var settlement = (await ListAsync(shop, shop.PaymentsAddress))[1]!;
        Assert.Equal(("0 10 0 * * ?", "runOnce", "skip"), (Text(settlement, "cron"), Text(settlement, "misfire"), Text(settlement, "overlap")));
        var next = settlement["nextRun"]!.GetValue<DateTimeOffset>();
        Assert.Equal((0, 10, true), (next.UtcDateTime.Hour, next.UtcDateTime.Minute, next > TimeProvider.System.GetUtcNow()));
    }

    [Fact]
    public async Task A_job_is_paused_run_and_resumed_by_name_and_each_of_it_is_audited()
    {
        await using var shop = await EmbeddedShopHost.StartAsync(settings: [("Jobs:Each:clean-up:Cron", "* * * * * ?")]);
        var desk = new OperatorDesk(shop);

        var paused = (await desk.PostAsync("/ops/jobs/clean-up/pause", "ada").Expect(OK)).Body;
        Assert.Equal(("ada", null), (Text(paused, "pausedBy"), paused["nextRun"]));
        await desk.PostAsync("/ops/jobs/clean-up/pause", "bob").Expect(OK); // paused already
        await Eventually.TrueAsync(async () => (await OverdueTests.HistoryAsync(desk, "clean-up")).All(r => Text(r!, "state") != "running"), 60);
        var before = (await OverdueTests.HistoryAsync(desk, "clean-up")).Count;
        await OverdueTests.RunAsync(desk, "clean-up");
        await Eventually.StaysAsync(async () => (await OverdueTests.HistoryAsync(desk, "clean-up")).Count == before + 1, 2.5);
        await desk.PostAsync("/ops/jobs/clean-up/resume", "bob").Expect(OK);
        await Eventually.TrueAsync(async () => (await OverdueTests.HistoryAsync(desk, "clean-up")).Count > before + 1, 60);

        var audit = (await desk.GetAsync("/ops/audit?subject=job:clean-up").Expect(OK)).Body["items"]!.AsArray();
        Assert.Equal(
            [("bob", "job.resumed"), ("ada", "job.run"), ("ada", "job.paused")], audit.Select(entry => (Text(entry!, "who"), Text(entry!, "action"))));
    }

    [Fact]
    public async Task A_pause_outlives_a_restart_of_the_embedded_shop_too()
    {
        using var directory = new TempDirectory();
        await using (var shop = await EmbeddedShopHost.StartAsync(directory: directory.Path))
        {
            await new OperatorDesk(shop).PostAsync("/ops/jobs/reconciliation/pause", "ada").Expect(OK);
        }

        await using var again = await EmbeddedShopHost.StartAsync(directory: directory.Path);
        Assert.Equal("ada", Text((await ListAsync(again, again.OrderingAddress)).Single(j => Text(j!, "name") == "reconciliation")!, "pausedBy"));
    }

    [Fact]
    public async Task Bad_requests_are_refused_and_change_nothing()
    {
        await using var shop = await EmbeddedShopHost.StartAsync(settings: [("Jobs:Schedule", "false")]);
        var desk = new OperatorDesk(shop);

        foreach (var action in (string[])["run", "pause", "resume"])
        {
            Assert.Equal("not-found", (await desk.PostAsync($"/ops/jobs/no-such-job/{action}", "ada").Expect(NotFound)).Code);
            Assert.Equal("validation-failed", (await desk.PostAsync($"/ops/jobs/clean-up/{action}", null).Expect(BadRequest)).Code);
            Assert.Equal("validation-failed", (await desk.PostAsync($"/ops/jobs/clean-up/{action}", "(schedule)").Expect(BadRequest)).Code);
        }

        Assert.Equal("not-found", (await desk.GetAsync("/ops/jobs/no-such-job/runs").Expect(NotFound)).Code);
        Assert.Equal("validation-failed", (await desk.GetAsync("/ops/jobs/clean-up/runs?limit=0").Expect(BadRequest)).Code);
        Assert.Equal("validation-failed", (await desk.GetAsync("/ops/alarms?open=perhaps").Expect(BadRequest)).Code);
        Assert.Empty((await desk.GetAsync("/ops/audit").Expect(OK)).Body["items"]!.AsArray());
        Assert.Empty(await OverdueTests.HistoryAsync(desk, "clean-up"));
    }

    [Fact]
    public async Task The_history_comes_in_pages_newest_first()
    {
        await using var shop = await EmbeddedShopHost.StartAsync(settings: [("Jobs:Schedule", "false")]);
        var desk = new OperatorDesk(shop);
        for (var i = 0; i < 3; i++)
        {
            await OverdueTests.RunAsync(desk, "clean-up");
        }

        var first = (await desk.GetAsync("/ops/jobs/clean-up/runs?limit=2").Expect(OK)).Body;
        var second = (await desk.GetAsync($"/ops/jobs/clean-up/runs?limit=2&cursor={Text(first, "next")}").Expect(OK)).Body;
        var ids = first["items"]!.AsArray().Concat(second["items"]!.AsArray()).Select(r => long.Parse(Text(r!, "id"), CultureInfo.InvariantCulture)).ToList();

        Assert.Equal(3, ids.Count);
        Assert.Equal(ids.OrderDescending(), ids);
        Assert.Null(second["next"]);
    }

    [Fact]
    public async Task A_webhook_is_told_once_that_letters_wait_and_once_that_they_do_not_though_it_fails_at_first()
    {
        var told = new ConcurrentQueue<JsonNode>();
        var refusals = 2;
        await using var hook = await HookAsync(async body =>
        {
            if (Interlocked.Decrement(ref refusals) >= 0)
            {
                return ServiceUnavailable;
            }

            told.Enqueue(JsonNode.Parse(body)!);
            await Task.CompletedTask;
            return NoContent;
        });
        await using var host = await PaymentsHost.StartAsync(
            ("Alarms:Webhook", $"{hook.Urls.First()}/hook"), ("Alarms:RetryAfter", "00:00:00.050"), ("Alarms:Timeout", "00:01:00"), ("Alarms:PollInterval", "00:00:00.050"),
            ("Jobs:WatchInterval", "00:00:00.050"));
        for (var i = 0; i < 100; i++)
        {
            await host.Service.Get<ParkMessage>()("ordering", $"no message {i}", "broken", default);
        }

        await Eventually.TrueAsync(() => told.Count == 1, 60);
        await Eventually.StaysAsync(() => told.Count == 1, 0.5);
        foreach (var letter in await host.DeadLettersAsync())
        {
            using var discard = new HttpRequestMessage(HttpMethod.Delete, $"/ops/dead-letters/{letter.Id}");
            discard.Headers.Add("Shop-Operator", "ada");
            (await host.Service.Client.SendAsync(discard)).EnsureSuccessStatusCode();
        }

        await Eventually.TrueAsync(() => told.Count == 2, 60);
        await Eventually.StaysAsync(() => told.Count == 2, 0.5);
        Assert.Equal(
            [("payments", "dead-letters", "waiting", "raised"), ("payments", "dead-letters", "waiting", "resolved")],
            told.Select(t => (Text(t, "service"), Text(t, "subject"), Text(t, "cause"), Text(t, "state"))));
        Assert.Single(told.Select(t => Text(t, "id")).Distinct());
    }

    [Fact]
    public async Task A_webhook_that_never_answers_is_given_up_after_its_tries()
    {
        var posts = 0;
        using var over = new CancellationTokenSource();
        await using var hook = await HookAsync(async _ =>
        {
            Interlocked.Increment(ref posts);
            await Task.Delay(Timeout.Infinite, over.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            return NoContent;
        });
        await using var host = await PaymentsHost.StartAsync(
            ("Alarms:Webhook", $"{hook.Urls.First()}/hook"), ("Alarms:RetryAfter", "00:00:00.020"), ("Alarms:Timeout", "00:00:02"), ("Alarms:Tries", "3"),
            ("Alarms:PollInterval", "00:00:00.020"), ("Jobs:WatchInterval", "00:00:00.050"));
        await host.Service.Get<ParkMessage>()("ordering", "no message", "broken", default);

        await Eventually.TrueAsync(() => posts == 3);
        await Eventually.StaysAsync(() => posts == 3, 3);
        await over.CancelAsync();
        var alarm = (await host.Service.GetAsync<JsonObject>("/ops/alarms?open=true"))["items"]!.AsArray().Single()!;
        Assert.Equal(0, alarm["notified"]!.GetValue<int>());
    }

    private static async Task<WebApplication> HookAsync(Func<string, Task<HttpStatusCode>> answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            context.Response.StatusCode = (int)await answer(await reader.ReadToEndAsync());
        });
        await app.StartAsync();
        return app;
    }

    private static async Task<JsonArray> ListAsync(EmbeddedShopHost shop, string address) =>
        JsonNode.Parse(await shop.Operator.GetStringAsync(new Uri($"{address}/ops/jobs")))!.AsArray();

    private static async Task<IEnumerable<string>> NamesAsync(EmbeddedShopHost shop, string address) => (await ListAsync(shop, address)).Select(j => Text(j!, "name"));

    private static string Text(JsonNode node, string member) => node[member]!.GetValue<string>();
}
