using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Shop.Contracts.Messages;
using Shop.IntegrationTests.Support;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Reconciliation;

/// <summary>Reconciliation over the real services, while somebody tampers with their databases.</summary>
public sealed class ReconciliationTests
{
    private const string Tent = "expedition-tent"; // dearer than any wallet here
    private const long Price = 19_99; // of an umbrella

    [Fact]
    public async Task Every_difference_is_found_and_once_a_second_operator_agreed_nothing_is_left_of_it()
    {
        await using var shop = await EmbeddedShopHost.StartAsync();
        using var customer = await shop.CustomerAsync();
        await customer.DepositAsync(500_00).Expect(Created);
        var desk = new OperatorDesk(shop);

        var held = await RejectedAsync(customer);
        await desk.TamperAsync("inventory", $"""
            UPDATE reservations SET state = 'held' WHERE order_id = {held};
            UPDATE stock SET available = available - 1, reserved = reserved + 1 WHERE sku = '{Tent}'
            """);
        var authorized = await RejectedAsync(customer);
        await desk.PayAsync(authorized, 500, "authorized");
        await desk.BookAsync(authorized, 500, "wallet", "held", "authorization");
        var cancelled = await ConfirmedAsync(customer);
        await customer.PostAsync($"/api/v1/orders/{cancelled}/cancel", new { }).Expect(Accepted);
        await customer.FinalAsync(cancelled);
        await desk.TamperAsync("payments", $"""
            UPDATE payments SET state = 'captured' WHERE order_id = {cancelled};
            DELETE FROM ledger_entries WHERE order_id = {cancelled} AND kind = 'refund';
            UPDATE wallets SET balance = balance - {Price}
            """);
        var charged = await RejectedAsync(customer);
        await desk.PayAsync(charged, 700, "captured");
        await desk.BookAsync(charged, 700, "wallet", "revenue", "charge");
        var unpaid = await ConfirmedAsync(customer);
        await desk.UnpayAsync(unpaid, Price);
        var chargedTwice = await ConfirmedAsync(customer);
        await desk.BookAsync(chargedTwice, Price, "wallet", "revenue", "charge");
        var stuck = await ConfirmedAsync(customer);
        await desk.StickAsync(stuck, "umbrella");
        await desk.TamperAsync("payments", $$"""
            INSERT INTO dead_letters VALUES ('letter', 'ordering', '[{"type":"refund-payment","orderId":{{held}}}]', 'a bug of yesterday', 1, 0, 0)
            """);

        var run = await desk.RunAsync("Ada");

        Assert.Equal((8, 3, 5), (Number(run, "found"), Number(run, "corrected"), Number(run, "proposed")));
        var details = (await desk.GetAsync($"{OperatorDesk.Runs}/{run["id"]}").Expect(OK)).Body["differences"]!.AsArray();
        Assert.Equal(
            [
                ("double-capture", chargedTwice, "proposed"), ("lost-refund", cancelled, "applied"), ("orphan-authorization", authorized, "applied"),
                ("orphan-reservation", held, "applied"), ("paid-without-order", charged, "proposed"), ("sold-without-payment", unpaid, "proposed"),
                ("stuck-letter", "payments.letter", "proposed"), ("stuck-order", stuck, "proposed"),
            ],
            details.Select(d => (Text(d!, "kind"), Text(d!, "subject"), Text(d!, "state"))).Order());

        var proposals = await desk.ProposalsAsync();
        foreach (var proposal in proposals.Values)
        {
            Assert.Equal("forbidden", (await desk.ApproveAsync(proposal, "ada").Expect(HttpStatusCode.Forbidden)).Code);
            Assert.Equal("applied", Text((await desk.ApproveAsync(proposal, "bob").Expect(OK)).Body, "state"));
        }

        var report = await shop.QuietInvariantsAsync();
        Invariants.AssertHold(report);
        Assert.Empty(report["needsAttention"]!.AsArray());
        Assert.Equal(("rejected", "operator"), await StatusAsync(customer, stuck));
        Assert.Equal("confirmed", (await StatusAsync(customer, unpaid)).Status);
        Assert.Equal(600_00 - (2 * Price), await customer.BalanceAsync());
        Assert.Equal(0, Number(await desk.RunAsync("ada"), "found"));

        var audit = (await desk.GetAsync($"/ops/audit?subject={proposals["double-capture"]["id"]}").Expect(OK)).Body["items"]!.AsArray();
        Assert.Equal(
            [("bob", "difference.carried-out"), ("bob", "difference.approved"), ("ada", "difference.proposed")],
            audit.Select(entry => (Text(entry!, "who"), Text(entry!, "action"))));
        Assert.Equal("approved", Text(audit[0]!["before"]!, "state"));
        Assert.Equal((int)Price, audit[0]!["after"]!["facts"]!["payment"]!["booked"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_correction_whose_answer_is_lost_is_carried_out_once_and_recorded_by_the_next_run()
    {
        var calls = new ScriptedCalls();
        await using var shop = await StartAsync(calls);
        using var customer = await shop.CustomerAsync();
        var desk = new OperatorDesk(shop);
        var charged = await RejectedAsync(customer);
        await desk.PayAsync(charged, 700, "captured");
        await desk.BookAsync(charged, 700, "wallet", "revenue", "charge");
        var held = await RejectedAsync(customer);
        await desk.TamperAsync("inventory", $"""
            UPDATE reservations SET state = 'held' WHERE order_id = {held};
            UPDATE stock SET available = available - 1, reserved = reserved + 1 WHERE sku = '{Tent}'
            """);
        var stock = (await customer.StockAsync(Tent))["available"]!.GetValue<long>();

        calls.LoseAnswersTo(command => command is CorrectRelease or CorrectRefund);
        Assert.Equal((2, 0), await CountsAsync("ada"));
        var proposal = (await desk.ProposalsAsync())["paid-without-order"];
        Assert.Equal("approved", Text((await desk.ApproveAsync(proposal, "bob").Expect(Accepted)).Body, "state"));
        Assert.Equal((0, 0), await CountsAsync("ada"));
        calls.LoseAnswersTo(null);
        Assert.Equal("already-decided", (await desk.ApproveAsync(proposal, "carl").Expect(Conflict)).Code);

        Assert.Equal((0, 0), await CountsAsync("ada"));

        Assert.Equal((100_00, stock + 1), (await customer.BalanceAsync(), (await customer.StockAsync(Tent))["available"]!.GetValue<long>()));
        await shop.AssertInvariantsHoldAsync();
        Assert.Single((await desk.GetAsync($"{OperatorDesk.Proposals}?state=applied").Expect(OK)).Body["items"]!.AsArray());
        Assert.Empty((await desk.GetAsync($"{OperatorDesk.Proposals}?state=approved").Expect(OK)).Body["items"]!.AsArray());
        Assert.Equal("already-decided", (await desk.ApproveAsync(proposal, "bob").Expect(Conflict)).Code);

        async Task<(int, int)> CountsAsync(string who) => await desk.RunAsync(who) is var run ? (Number(run, "found"), Number(run, "corrected")) : default;
    }

    [Fact]
    public async Task Orders_in_flight_are_no_differences()
    {
        const int OrdersEach = 25;
        await using var shop = await EmbeddedShopHost.StartAsync();
        var desk = new OperatorDesk(shop);
        var buying = Task.WhenAll(((string[])["saga", "tcc", "message"]).SelectMany(checkout => new[] { BuyAsync(checkout), BuyAsync(checkout) }));

        var inFlight = 0;
        do
        {
            var run = await desk.RunAsync("ada");
            Assert.True(Number(run, "found") == 0, run.ToJsonString());
            inFlight += Number(run, "inFlight");
        }
        while (!buying.IsCompleted);

        await buying;
        Assert.True(inFlight > 0, "No run has met an order in flight: it shows nothing.");
        Invariants.AssertHold(await shop.QuietInvariantsAsync());
        Assert.Equal(0, Number(await desk.RunAsync("ada"), "found"));

        async Task BuyAsync(string checkout)
        {
            using var customer = await shop.CustomerAsync(checkout);
            for (var i = 0; i < OrdersEach; i++)
            {
                var order = await customer.OrderAsync(i % 5 == 0 ? Tent : "umbrella").Expect(Accepted);
                if (i % 3 == 0)
                {
                    await customer.PostAsync($"/api/v1/orders/{order.Body["id"]}/cancel", new { }).Expect(Accepted, Conflict);
                }
            }
        }
    }

    [Fact]
    public async Task What_is_left_of_an_order_that_is_gone_is_given_back_only_when_somebody_agrees()
    {
        await using var shop = await EmbeddedShopHost.StartAsync();
        using var customer = await shop.CustomerAsync();
        var desk = new OperatorDesk(shop);
        var gone = await ConfirmedAsync(customer);
        await desk.TamperAsync("ordering", $"DELETE FROM orders WHERE id = {gone}");

        Assert.Equal((2, 0), await desk.RunAsync("ada") is var run ? (Number(run, "found"), Number(run, "corrected")) : default);
        var proposals = await desk.ProposalsAsync();
        Assert.Equal(["orphan-reservation", "paid-without-order"], proposals.Keys.Order());
        foreach (var proposal in proposals.Values)
        {
            await desk.ApproveAsync(proposal, "bob").Expect(OK);
        }

        Assert.Equal(100_00, await customer.BalanceAsync());
        Assert.Equal(0, Number(await desk.RunAsync("ada"), "found"));
    }

    [Fact]
    public async Task Where_a_charge_is_refused_the_next_proposal_is_to_undo_the_order()
    {
        await using var shop = await EmbeddedShopHost.StartAsync();
        using var customer = await shop.CustomerAsync();
        var desk = new OperatorDesk(shop);
        var unpaid = await ConfirmedAsync(customer, quantity: 4);
        await desk.UnpayAsync(unpaid, 4 * Price);
        await ConfirmedAsync(customer, quantity: 3);

        await desk.RunAsync("ada");
        var refused = (await desk.ApproveAsync((await desk.ProposalsAsync())["sold-without-payment"], "bob").Expect(OK)).Body;
        Assert.Equal(("charge", "refused", "payment-declined"), (Text(refused, "correction"), Text(refused, "state"), Text(refused, "outcome")));

        await desk.RunAsync("ada");
        var second = (await desk.ProposalsAsync())["sold-without-payment"];
        Assert.Equal(("undo-order", $"sold-without-payment:{unpaid}:2"), (Text(second, "correction"), Text(second, "id")));
        await desk.ApproveAsync(second, "bob").Expect(OK);

        Assert.Equal("cancelled", Text(await customer.FinalAsync(unpaid), "status"));
        Invariants.AssertHold(await shop.QuietInvariantsAsync());
        Assert.Equal(0, Number(await desk.RunAsync("ada"), "found"));
    }

    [Fact]
    public async Task What_is_rejected_stays_so_until_it_looks_different_and_what_disappears_is_no_proposal_any_more()
    {
        await using var shop = await EmbeddedShopHost.StartAsync();
        using var customer = await shop.CustomerAsync();
        var desk = new OperatorDesk(shop);
        var order = await ConfirmedAsync(customer);
        await desk.BookAsync(order, 100, "wallet", "revenue", "charge");
        await desk.RunAsync("ada");
        var first = (await desk.ProposalsAsync())["double-capture"];
        Assert.Equal("forbidden", (await desk.PostAsync($"{OperatorDesk.Proposals}/{first["id"]}/reject", "ada")).Code);
        await desk.PostAsync($"{OperatorDesk.Proposals}/{first["id"]}/reject", "bob").Expect(OK);

        var again = await desk.RunAsync("ada");
        Assert.Equal((1, 0), (Number(again, "found"), Number(again, "proposed")));
        Assert.Empty(await desk.ProposalsAsync());

        await desk.BookAsync(order, 100, "wallet", "revenue", "charge");
        await desk.RunAsync("ada");
        var second = (await desk.ProposalsAsync())["double-capture"];
        Assert.Equal(200, second["amount"]!["amount"]!.GetValue<int>());
        await desk.BookAsync(order, 200, "revenue", "wallet", "correction"); // somebody else has put it right
        Assert.Equal("already-decided", (await desk.ApproveAsync(second, "bob").Expect(Conflict)).Code);
        Assert.Empty(await desk.ProposalsAsync());
        await shop.AssertInvariantsHoldAsync();
    }

    [Fact]
    public async Task It_runs_by_itself_in_each_interval()
    {
        await using var shop = await EmbeddedShopHost.StartAsync(settings: [("Jobs:Each:reconciliation:Cron", "* * * * * ?")]);
        using var customer = await shop.CustomerAsync();
        var desk = new OperatorDesk(shop);
        var held = await RejectedAsync(customer);
        await desk.TamperAsync("inventory", $"""
            UPDATE reservations SET state = 'held' WHERE order_id = {held};
            UPDATE stock SET available = available - 1, reserved = reserved + 1 WHERE sku = '{Tent}'
            """);

        for (var i = 0; !(await shop.InvariantsAsync())["holds"]!.GetValue<bool>(); i++)
        {
            Assert.True(i < 600, "It was not put right in a minute.");
            await Task.Delay(100);
        }

        var runs = (await desk.GetAsync(OperatorDesk.Runs).Expect(OK)).Body["items"]!.AsArray();
        Assert.All(runs, run => Assert.Equal("(reconciliation)", Text(run!, "startedBy")));
    }

    [Fact]
    public async Task Bad_requests_are_refused_and_change_nothing()
    {
        await using var shop = await EmbeddedShopHost.StartAsync();
        var desk = new OperatorDesk(shop);

        foreach (var nobody in (string?[])[null, "", "two words", "(reconciliation)", new string('x', 65)])
        {
            Assert.Equal("validation-failed", (await desk.PostAsync(OperatorDesk.Runs, nobody).Expect(BadRequest)).Code);
            Assert.Equal("validation-failed", (await desk.PostAsync($"{OperatorDesk.Proposals}/x/approve", nobody).Expect(BadRequest)).Code);
            Assert.Equal("validation-failed", (await desk.PostAsync($"{OperatorDesk.Proposals}/x/reject", nobody).Expect(BadRequest)).Code);
            Assert.Equal("validation-failed", (await desk.PostAsync("/ops/orders/1/force-stop", nobody, new { reason = "x" }).Expect(BadRequest)).Code);
        }

        foreach (var id in (string[])["x", "double-capture:1:1", "'", "..%2F.."])
        {
            Assert.Equal("not-found", (await desk.PostAsync($"{OperatorDesk.Proposals}/{id}/approve", "bob").Expect(NotFound)).Code);
            Assert.Equal("not-found", (await desk.PostAsync($"{OperatorDesk.Proposals}/{id}/reject", "bob").Expect(NotFound)).Code);
        }

        Assert.Equal("not-found", (await desk.GetAsync($"{OperatorDesk.Runs}/1").Expect(NotFound)).Code);
        Assert.Equal("validation-failed", (await desk.GetAsync($"{OperatorDesk.Proposals}?state=7").Expect(BadRequest)).Code);
        Assert.Equal("validation-failed", (await desk.GetAsync($"{OperatorDesk.Proposals}?state=nonsense").Expect(BadRequest)).Code);
        Assert.Empty((await desk.GetAsync(OperatorDesk.Runs).Expect(OK)).Body["items"]!.AsArray());
        Assert.Empty((await desk.GetAsync("/ops/audit").Expect(OK)).Body["items"]!.AsArray());
    }

    private static Task<EmbeddedShopHost> StartAsync(ScriptedCalls calls) => EmbeddedShopHost.StartAsync(
        null, null, services => services.ConfigureHttpClientDefaults(client => client.AddHttpMessageHandler(calls.NewHandler)), null);

    private static async Task<string> ConfirmedAsync(ShopClient customer, int quantity = 1)
    {
        var id = Text((await customer.OrderAsync("umbrella", quantity).Expect(Accepted)).Body, "id");
        Assert.Equal("confirmed", Text(await customer.FinalAsync(id), "status"));
        return id;
    }

    private static async Task<string> RejectedAsync(ShopClient customer)
    {
        var id = Text((await customer.OrderAsync(Tent).Expect(Accepted)).Body, "id");
        Assert.Equal("rejected", Text(await customer.FinalAsync(id), "status"));
        return id;
    }

    private static async Task<(string Status, string? Reason)> StatusAsync(ShopClient customer, string id)
    {
        var order = await customer.FinalAsync(id);
        return (Text(order, "status"), order["reason"]?.GetValue<string>());
    }

    private static string Text(JsonNode node, string member) => node[member]!.GetValue<string>();

    private static int Number(JsonNode node, string member) => node[member]!.GetValue<int>();
}
