using System.Globalization;
using Shop.IntegrationTests.Caching;
using Shop.IntegrationTests.Support;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Api;

/// <summary>Quotas, in shops where they are small and their windows are longer than a test.</summary>
public sealed class LimitTests
{
    private const string Hour = "01:00:00";

    [Fact]
    public async Task A_session_that_asks_too_much_is_told_when_to_come_back()
    {
        await using var host = await EmbeddedShopHost.StartAsync(settings: [("Limits:Session:Permits", "5"), ("Limits:Session:Window", Hour)]);
        using var greedy = await host.CustomerAsync();
        for (var left = 4; left >= 0; left--)
        {
            var reply = await greedy.GetAsync("/api/v1/wallet").Expect(OK);
            Assert.Contains("\"session\";q=5;w=3600", reply.Header("RateLimit-Policy"), StringComparison.Ordinal);
            Assert.Contains($"\"session\";r={left};t=", reply.Header("RateLimit"), StringComparison.Ordinal);
        }

        // Every route of the API counts, whichever service answers it.
        foreach (var path in (string[])["/api/v1/wallet", "/api/v1/session", "/api/v1/orders", "/api/v1/products", "/api/v1/nothing"])
        {
            AssertRefused(await greedy.GetAsync(path).ExpectProblem(TooManyRequests, "quota-exceeded"), "session");
        }

        AssertRefused(await greedy.OrderAsync("umbrella").ExpectProblem(TooManyRequests, "quota-exceeded"), "session");

        // Others are not affected, nor is another session of the same customer; no order was placed.
        using var other = await host.CustomerAsync();
        await other.GetAsync("/api/v1/wallet").Expect(OK);
        greedy.Http.DefaultRequestHeaders.Authorization = null;
        await greedy.LogInAsync();
        Assert.Empty((await greedy.GetAsync("/api/v1/orders").Expect(OK)).Body["items"]!.AsArray());
    }

    [Fact]
    public async Task The_window_passes_and_the_session_is_served_again()
    {
        await using var host = await EmbeddedShopHost.StartAsync(settings: [("Limits:Session:Permits", "2"), ("Limits:Session:Window", "00:00:01")]);
        using var greedy = await host.CustomerAsync();
        var burst = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => greedy.GetAsync("/api/v1/session")));
        Assert.Contains(burst, reply => reply.Status is TooManyRequests);
        var served = false;
        for (var i = 0; i < 100 && !served; i++)
        {
            await Task.Delay(100);
            served = (await greedy.GetAsync("/api/v1/session")).Status is OK;
        }

        Assert.True(served);
    }

    [Fact]
    public async Task Logins_are_counted_for_each_name_whatever_its_case_and_spelling()
    {
        await using var host = await EmbeddedShopHost.StartAsync(settings: [("Limits:LoginName:Permits", "4"), ("Limits:LoginName:Window", Hour)]);
        using var client = host.Anonymous();
        await client.PostAsync("/api/v1/customers", new { name = "victim", password = "correct horse" }).Expect(Created);
        foreach (var name in (string[])["victim", "VICTIM", "Victim"])
        {
            await LogInAsync(name, "a wrong guess").ExpectProblem(Unauthorized, "bad-credentials");
        }

        // The right password does not help, and a registration with the name counts as well.
        AssertRefused(await LogInAsync("victim", "correct horse").ExpectProblem(TooManyRequests, "quota-exceeded"), "login-name");
        AssertRefused(await client.PostAsync("/api/v1/customers", new { name = "victim", password = "correct horse" })
            .ExpectProblem(TooManyRequests, "quota-exceeded"), "login-name");
        await LogInAsync("somebody else", "a wrong guess").ExpectProblem(Unauthorized, "bad-credentials");

        Task<Reply> LogInAsync(string name, string password) => client.PostAsync("/api/v1/session", new { name, password });
    }

    [Fact]
    public async Task Logins_are_counted_for_each_address_whatever_the_client_says_of_it()
    {
        await using var host = await EmbeddedShopHost.StartAsync(settings: [("Limits:LoginAddress:Permits", "3"), ("Limits:LoginAddress:Window", Hour)]);
        using var client = host.Anonymous();
        for (var i = 0; i < 3; i++)
        {
            await LogInAsync(i).ExpectProblem(Unauthorized, "bad-credentials");
        }

        AssertRefused(await LogInAsync(4).ExpectProblem(TooManyRequests, "quota-exceeded"), "login-address");

        Task<Reply> LogInAsync(int i) => client.PostAsync(
            "/api/v1/session",
            new { name = $"nobody {i}", password = "a wrong guess" },
            ("X-Forwarded-For", $"192.0.2.{i}"),
            ("Forwarded", $"for=192.0.2.{i}"),
            ("X-Real-IP", $"192.0.2.{i}"));
    }

    [Fact]
    public async Task Requests_without_a_session_are_counted_for_their_address_and_health_and_documents_are_not()
    {
        await using var host = await EmbeddedShopHost.StartAsync(settings: [("Limits:Anonymous:Permits", "3"), ("Limits:Anonymous:Window", Hour)]);
        using var client = host.Anonymous();
        for (var i = 0; i < 3; i++)
        {
            await client.GetAsync("/api/v1/products/umbrella", ("Cookie", $"shop.sid={i}")).Expect(OK);
        }

        AssertRefused(await client.GetAsync("/api/v1/products/umbrella").ExpectProblem(TooManyRequests, "quota-exceeded"), "anonymous");
        await client.GetAsync("/health/live").Expect(OK);
        await client.GetAsync("/openapi/v1.json").Expect(OK);
        await client.GetAsync("/problems/quota-exceeded").Expect(OK);
    }

    [Fact]
    public async Task More_than_can_be_served_is_refused_at_once_and_keeps_nobody_else_out()
    {
        var gate = new GatedTransport();
        await using var host = await EmbeddedShopHost.StartAsync(gate, settings: [("Limits:Concurrent", "2"), ("Limits:ConcurrentWaits", "2"), ("Limits:Queue", "1"), ("Limits:QueueTimeout", "00:00:00.050")]);
        using var customer = await host.CustomerAsync();
        gate.Close();
        var sent = Enumerable.Range(0, 6).Select(_ => customer.OrderAsync("umbrella", prefer: "wait=30")).ToList();

        // Nobody's order can become final, so whoever is answered first was not let in.
        for (var i = 0; i < 4; i++)
        {
            var refused = await Task.WhenAny(sent);
            sent.Remove(refused);
            var reply = await refused.ExpectProblem(ServiceUnavailable, "overloaded");
            Assert.Equal("1", reply.Header("Retry-After"));
        }

        await customer.GetAsync("/health/live").Expect(OK);
        await customer.GetAsync("/api/v1/wallet").Expect(OK);
        await customer.OrderAsync("umbrella").Expect(Accepted);
        gate.Open();
        Assert.All(await Task.WhenAll(sent), order => Assert.Equal("confirmed", order.Body["status"]!.GetValue<string>()));
    }

    // No participant answers, and orders that are taken in would wait for one in outboxes and queues without end.
    [Theory]
    [InlineData("saga")]
    [InlineData("message")]
    public async Task With_as_many_orders_under_way_as_may_be_no_more_are_taken_in_until_some_have_ended(string checkout)
    {
        var gate = new GatedTransport();
        await using var host = await EmbeddedShopHost.StartAsync(gate, settings: [("Intake:MaxOpen", "3")]);
        using var customer = await host.CustomerAsync();
        await customer.DepositAsync(1_000_000).Expect(Created);
        customer.Checkout = checkout;
        gate.Close();
        var taken = new List<string>();
        Reply answer;
        while ((answer = await OrderAsync()).Status is Accepted)
        {
            taken.Add(answer.Body["id"]!.GetValue<string>());
            Assert.True(taken.Count < 600, "orders are taken in without end");
            await Task.Delay(100);
        }

        Assert.Equal(ServiceUnavailable, answer.Status);
        Assert.Equal("overloaded", answer.Body["code"]!.GetValue<string>());
        Assert.True(taken.Count >= 3);
        gate.Open();
        foreach (var id in taken)
        {
            await Until.HoldsAsync(async () => (await customer.GetAsync($"/api/v1/orders/{id}").Expect(OK)).Body["status"]!.GetValue<string>() == "confirmed");
        }

        await Until.HoldsAsync(async () => (await OrderAsync()).Status is Accepted);

        Task<Reply> OrderAsync() => customer.OrderAsync("umbrella");
    }

    [Fact]
    public async Task A_body_that_does_not_come_takes_nobodys_place()
    {
        const string Body = """{"name":"nobody","password":"a wrong guess"}""";
        await using var host = await EmbeddedShopHost.StartAsync(settings: [("Limits:Concurrent", "2"), ("Limits:Queue", "0"), ("RequestLimits:MinBodyRateGracePeriod", "00:10:00")]);
        var slow = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => RawConnection.OpenAsync(host.Port)));
        foreach (var sender in slow)
        {
            await sender.SendAsync(
                $"POST /api/v1/session HTTP/1.1\r\nHost: localhost:{host.Port}\r\nContent-Type: application/json\r\n"
                + $"Content-Length: {Body.Length}\r\nExpect: 100-continue\r\n\r\n");
            Assert.Equal(100, (await sender.ReadAsync())?.Status); // it has begun to wait for the body
        }

        await host.Anonymous().GetAsync("/api/v1/products/umbrella").Expect(OK);

        // And what comes late is complete.
        await slow[0].SendAsync(Body[..10]);
        await slow[0].SendAsync(Body[10..]);
        Assert.Equal("bad-credentials", (await slow[0].ReadAsync())?.Code);
        Array.ForEach(slow, sender => sender.Dispose());
    }

    private static void AssertRefused(Reply reply, string policy)
    {
        Assert.InRange(int.Parse(reply.Header("Retry-After")!, CultureInfo.InvariantCulture), 1, 3600);
        Assert.Contains($"\"{policy}\";q=", reply.Header("RateLimit-Policy"), StringComparison.Ordinal);
        Assert.Contains($"\"{policy}\";r=0;t=", reply.Header("RateLimit"), StringComparison.Ordinal);
    }
}
