using Shop.IntegrationTests.Support;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Reconciliation;

/// <summary>A message that cannot be handled as it is gets another text.</summary>
public sealed class DeadLetterEditTests
{
    private const string Good = """{"type":"release-stock","orderId":4711}""";

    [Fact]
    public async Task An_edited_letter_is_another_letter_and_can_be_handled()
    {
        await using var shop = await EmbeddedShopHost.StartAsync();
        var desk = new OperatorDesk(shop);
        await desk.TamperAsync("inventory", "INSERT INTO dead_letters VALUES ('letter', 'ordering', '[{\"type\":\"relaese-stock\"}]', 'unknown type', 1, 0, 0)");

        var edited = (await EditAsync("letter", "ada", new { payload = Good }).Expect(OK)).Body;

        Assert.Equal($"[{Good}]", edited["payload"]!.GetValue<string>());
        Assert.Equal("ordering", edited["source"]!.GetValue<string>());
        await desk.SendAsync(HttpMethod.Post, $"/ops/dead-letters/letter/requeue", "ada", null, shop.InventoryAddress).Expect(NotFound);
        await desk.SendAsync(HttpMethod.Post, $"/ops/dead-letters/{edited["id"]}/requeue", "bob", null, shop.InventoryAddress).Expect(NoContent);
        Assert.Empty((await desk.SendAsync(HttpMethod.Get, "/ops/dead-letters", null, null, shop.InventoryAddress).Expect(OK)).Body["items"]!.AsArray());
        var entries = (await desk.SendAsync(HttpMethod.Get, "/ops/audit", null, null, shop.InventoryAddress).Expect(OK)).Body["items"]!.AsArray();
        Assert.Equal(
            [("bob", "dead-letter.requeued", edited["id"]!.GetValue<string>()), ("ada", "dead-letter.edited", "letter")],
            entries.Select(e => (e!["who"]!.GetValue<string>(), e["action"]!.GetValue<string>(), e["subject"]!.GetValue<string>())));
        var audit = entries[1]!;
        Assert.Contains("relaese", audit["before"]!["payload"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("release", audit["after"]!["payload"]!.GetValue<string>(), StringComparison.Ordinal);

        Task<Reply> EditAsync(string id, string? who, object body) => desk.SendAsync(HttpMethod.Put, $"/ops/dead-letters/{id}", who, body, shop.InventoryAddress);
    }

    [Fact]
    public async Task What_is_discarded_stays_in_the_audit_trail()
    {
        await using var shop = await EmbeddedShopHost.StartAsync();
        var desk = new OperatorDesk(shop);
        await desk.TamperAsync("inventory", "INSERT INTO dead_letters VALUES ('letter', 'ordering', 'what was sent', 'no message', 1, 0, 0)");

        await desk.SendAsync(HttpMethod.Delete, "/ops/dead-letters/letter", null, null, shop.InventoryAddress).Expect(BadRequest);
        await desk.SendAsync(HttpMethod.Post, "/ops/dead-letters/letter/requeue", null, null, shop.InventoryAddress).Expect(BadRequest);
        await desk.SendAsync(HttpMethod.Delete, "/ops/dead-letters/letter", "ada", null, shop.InventoryAddress).Expect(NoContent);
        await desk.SendAsync(HttpMethod.Delete, "/ops/dead-letters/letter", "ada", null, shop.InventoryAddress).Expect(NotFound);

        var entry = Assert.Single((await desk.SendAsync(HttpMethod.Get, "/ops/audit", null, null, shop.InventoryAddress).Expect(OK)).Body["items"]!.AsArray())!;
        Assert.Equal(("ada", "dead-letter.discarded"), (entry["who"]!.GetValue<string>(), entry["action"]!.GetValue<string>()));
        Assert.Equal("what was sent", entry["before"]!["payload"]!.GetValue<string>());
    }

    [Fact]
    public async Task Only_one_message_and_only_by_somebody_with_a_name()
    {
        await using var shop = await EmbeddedShopHost.StartAsync();
        var desk = new OperatorDesk(shop);
        await desk.TamperAsync("inventory", "INSERT INTO dead_letters VALUES ('letter', 'ordering', '[]', 'empty', 1, 0, 0)");

        foreach (var payload in (string?[])
            [null, "", "no json", "null", "7", "[]", "{}", "[null]", """{"type":"release-stock"}""", """{"type":"from-the-future","orderId":1}""", $"[{Good},{Good}]", $"[{Good},null]"])
        {
            Assert.Equal("validation-failed", (await EditAsync("letter", "ada", new { payload }).Expect(BadRequest)).Code);
        }

        Assert.Equal("validation-failed", (await EditAsync("letter", null, new { payload = Good }).Expect(BadRequest)).Code);
        Assert.Equal("not-found", (await EditAsync("another", "ada", new { payload = Good }).Expect(NotFound)).Code);
        var letter = Assert.Single((await desk.SendAsync(HttpMethod.Get, "/ops/dead-letters", null, null, shop.InventoryAddress).Expect(OK)).Body["items"]!.AsArray())!;
        Assert.Equal("[]", letter["payload"]!.GetValue<string>());

        Task<Reply> EditAsync(string id, string? who, object body) => desk.SendAsync(HttpMethod.Put, $"/ops/dead-letters/{id}", who, body, shop.InventoryAddress);
    }
}
