using Shop.IntegrationTests.Support;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Api;

/// <summary>One (customer, route, key) has at most one effect.</summary>
[Collection(SharedShop.Name)]
public sealed class IdempotencyTests(ShopFixture shop) : IAsyncLifetime
{
    private const string Umbrella = """{"lines":[{"sku":"umbrella","quantity":1}]}""";
    private const string FiveEuro = """{"amount":{"amount":500,"currency":"EUR"}}""";

    private ShopClient _customer = null!;

    public static TheoryData<string, string> Routes => new() { { "/api/v1/orders", Umbrella }, { "/api/v1/wallet/deposits", FiveEuro } };

    public async Task InitializeAsync() => _customer = await shop.Host.CustomerAsync();

    public Task DisposeAsync()
    {
        _customer.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Without_a_key_nothing_happens(string path, string body)
    {
        await _customer.PostAsync(path, body).ExpectProblem(BadRequest, "idempotency-key-missing");
        await _customer.PostAsync(path, body, ("Idempotency-Key", "")).ExpectProblem(BadRequest, "idempotency-key-missing");
        await AssertNothingHappenedAsync();
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task A_malformed_key_is_a_400(string path, string body)
    {
        foreach (var key in (string[])[new string('k', 256), "\"", "\"open", "\"a\"b\"", "\"\"", "\"\\x\"", "a\tb", $"\"{new string('k', 256)}\""])
        {
            var reply = await _customer.PostAsync(path, body, ("Idempotency-Key", key));
            Assert.True(reply.Code is "idempotency-key-invalid", $"{key}: {reply.Text}");
        }

        await AssertNothingHappenedAsync();
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Two_keys_are_none(string path, string body)
    {
        using var connection = await RawConnection.OpenAsync(shop.Host.Port);
        await connection.SendAsync(
            $"POST {path} HTTP/1.1\r\nHost: localhost:{shop.Host.Port}\r\nAuthorization: Bearer {_customer.Token}\r\nContent-Type: application/json\r\n"
            + $"Idempotency-Key: one\r\nIdempotency-Key: two\r\nContent-Length: {body.Length}\r\n\r\n{body}");

        Assert.Equal("idempotency-key-invalid", (await connection.ReadAsync())?.Code);
        await AssertNothingHappenedAsync();
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task The_longest_and_the_strangest_keys_work(string path, string body)
    {
        foreach (var key in (string[])[new string('k', 255), "k", "a key with spaces", "'; DROP TABLE orders --", "%s%n/../\\", "{0}"])
        {
            var first = await _customer.PostAsync(path, body, ("Idempotency-Key", key)).Expect(Accepted, Created);
            var again = await _customer.PostAsync(path, body, ("Idempotency-Key", key)).Expect(first.Status);
            Assert.Equal(Id(first), Id(again));
        }
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task A_key_means_the_same_with_and_without_quotes(string path, string body)
    {
        var key = Guid.NewGuid().ToString();
        var raw = await _customer.PostAsync(path, body, ("Idempotency-Key", key)).Expect(Accepted, Created);
        var quoted = await _customer.PostAsync(path, body, ("Idempotency-Key", $"\"{key}\"")).Expect(raw.Status);
        Assert.Equal(Id(raw), Id(quoted));
        Assert.Equal("true", quoted.Header("Idempotent-Replayed"));
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task A_key_with_another_body_is_a_422_and_changes_nothing(string path, string body)
    {
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());
        var first = await _customer.PostAsync(path, body, key).Expect(Accepted, Created);
        await _customer.PostAsync(path, body.Replace('1', '2').Replace("500", "600", StringComparison.Ordinal), key)
            .ExpectProblem(UnprocessableEntity, "idempotency-key-reused");
        await _customer.PostAsync(path, " " + body, key).ExpectProblem(UnprocessableEntity, "idempotency-key-reused");
        Assert.Equal(Id(first), Id(await _customer.PostAsync(path, body, key).Expect(first.Status)));
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Of_20_twins_at_once_one_acts_and_the_others_are_answered_with_its_result(string path, string body)
    {
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());
        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _customer.PostAsync(path, body, key).Expect(Accepted, Created)));
        Assert.Single(replies.Select(Id).Distinct());
        Assert.Single(replies.Select(reply => reply.Header("Location")).Distinct());
        Assert.Equal(19, replies.Count(reply => reply.Header("Idempotent-Replayed") == "true"));
        await SettleAsync();
        Assert.Equal(path.EndsWith("orders", StringComparison.Ordinal) ? 10_000 - await PriceAsync() : 10_500, await _customer.BalanceAsync());
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task A_key_belongs_to_its_customer(string path, string body)
    {
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());
        using var other = await shop.Host.CustomerAsync();
        var mine = await _customer.PostAsync(path, body, key).Expect(Accepted, Created);
        var theirs = await other.PostAsync(path, body.Replace("500", "501", StringComparison.Ordinal), key).Expect(mine.Status);
        Assert.NotEqual(Id(mine), Id(theirs));
        Assert.Null(theirs.Header("Idempotent-Replayed"));
    }

    [Fact]
    public async Task A_key_belongs_to_its_route()
    {
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());
        await _customer.PostAsync("/api/v1/orders", Umbrella, key).Expect(Accepted);
        Assert.Null((await _customer.PostAsync("/api/v1/wallet/deposits", FiveEuro, key).Expect(Created)).Header("Idempotent-Replayed"));
    }

    [Fact]
    public async Task A_repeat_shows_the_order_as_it_is_now()
    {
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());
        var first = await _customer.PostAsync("/api/v1/orders", Umbrella, key).Expect(Accepted);
        var final = await _customer.FinalAsync(Id(first));

        var repeat = await _customer.PostAsync("/api/v1/orders", Umbrella, key).Expect(Accepted);
        Assert.Equal("true", repeat.Header("Idempotent-Replayed"));
        Assert.Equal(first.Header("Location"), repeat.Header("Location"));
        Assert.Equal(final.ToJsonString(), repeat.Body.ToJsonString());

        // Prefer is no part of the wish: the same key may wait or not.
        var waiting = await _customer.PostAsync("/api/v1/orders", Umbrella, key, ("Prefer", "wait=5")).Expect(OK);
        Assert.Equal("true", waiting.Header("Idempotent-Replayed"));
        Assert.Equal(first.Header("Location"), waiting.Header("Location"));
        Assert.Equal("wait=5", waiting.Header("Preference-Applied"));

        await _customer.PostAsync($"/api/v1/orders/{Id(first)}/cancel", null).Expect(Accepted);
        var cancelled = await _customer.FinalAsync(Id(first));
        Assert.Equal("cancelled", cancelled["status"]!.GetValue<string>());
        Assert.Equal(cancelled.ToJsonString(), (await _customer.PostAsync("/api/v1/orders", Umbrella, key).Expect(Accepted)).Body.ToJsonString());
        Assert.Single((await _customer.GetAsync("/api/v1/orders").Expect(OK)).Body["items"]!.AsArray());
    }

    [Fact]
    public async Task A_repeat_by_another_session_of_the_customer_is_a_repeat()
    {
        var key = Guid.NewGuid().ToString();
        var first = await _customer.OrderAsync("umbrella", key: key).Expect(Accepted);
        await _customer.LogInAsync();
        Assert.Equal(Id(first), Id(await _customer.OrderAsync("umbrella", key: key).Expect(Accepted)));
    }

    [Fact]
    public async Task A_rejected_order_is_a_result_and_a_repeat_gets_it_again()
    {
        var key = Guid.NewGuid().ToString();
        var first = await _customer.OrderAsync("expedition-tent", key: key, prefer: "wait=30").Expect(OK);
        Assert.Equal("rejected", first.Body["status"]!.GetValue<string>());
        await _customer.DepositAsync(1_000_000).Expect(Created);
        var repeat = await _customer.OrderAsync("expedition-tent", key: key, prefer: "wait=30").Expect(OK);
        Assert.Equal(first.Body.ToJsonString(), repeat.Body.ToJsonString());
    }

    [Fact]
    public async Task A_key_whose_first_attempt_was_refused_can_still_succeed()
    {
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());
        await _customer.PostAsync("/api/v1/orders", """{"lines":[{"sku":"not-yet","quantity":1}]}""", key).ExpectProblem(BadRequest, "validation-failed");
        await _customer.PostAsync("/api/v1/orders", """{"checkout":"xa"}""", key).ExpectProblem(BadRequest, "checkout-not-supported");
        await _customer.PostAsync("/api/v1/orders", "{", key).ExpectProblem(BadRequest, "malformed-json");
        var order = await _customer.PostAsync("/api/v1/orders", Umbrella, key).Expect(Accepted);
        Assert.Null(order.Header("Idempotent-Replayed"));

        var deposit = ("Idempotency-Key", Guid.NewGuid().ToString());
        await _customer.PostAsync("/api/v1/wallet/deposits", """{"amount":{"amount":-1,"currency":"EUR"}}""", deposit).ExpectProblem(BadRequest, "validation-failed");
        Assert.Null((await _customer.PostAsync("/api/v1/wallet/deposits", FiveEuro, deposit).Expect(Created)).Header("Idempotent-Replayed"));
    }

    private static string Id(Reply reply) => reply.Body["id"]!.GetValue<string>();

    private async Task<long> PriceAsync() =>
        (await _customer.GetAsync("/api/v1/products/umbrella").Expect(OK)).Body["price"]!["amount"]!.GetValue<long>();

    private async Task SettleAsync()
    {
        foreach (var order in (await _customer.GetAsync("/api/v1/orders").Expect(OK)).Body["items"]!.AsArray())
        {
            await _customer.FinalAsync(order!["id"]!.GetValue<string>());
        }
    }

    private async Task AssertNothingHappenedAsync()
    {
        Assert.Empty((await _customer.GetAsync("/api/v1/orders").Expect(OK)).Body["items"]!.AsArray());
        Assert.Equal(10_000, await _customer.BalanceAsync());
    }
}
