using Shop.IntegrationTests.Support;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Api;

[Collection(SharedShop.Name)]
public sealed class CustomerTests(ShopFixture shop)
{
    private const string Password = "correct horse";

    private readonly ShopClient _anonymous = shop.Host.Anonymous();

    [Fact]
    public async Task A_new_customer_has_an_id_a_name_and_a_wallet_with_100_EUR()
    {
        var name = NewName();
        var customer = (await RegisterAsync(name, Password).Expect(Created)).Body;
        Assert.Equal(["id", "name"], customer.AsObject().Select(member => member.Key));
        Assert.Matches("^[1-9][0-9]{10,18}$", customer["id"]!.GetValue<string>());
        Assert.Equal(name, customer["name"]!.GetValue<string>());

        using var loggedIn = await shop.Host.CustomerAsync();
        var wallet = (await loggedIn.GetAsync("/api/v1/wallet").Expect(OK)).Body;
        Assert.Equal("""{"balance":{"amount":10000,"currency":"EUR"},"held":{"amount":0,"currency":"EUR"}}""", wallet.ToJsonString());
    }

    [Theory]
    [InlineData(2, 8, "name")]
    [InlineData(65, 8, "name")]
    [InlineData(3, 7, "password")]
    [InlineData(3, 129, "password")]
    [InlineData(0, 8, "name")]
    [InlineData(3, 0, "password")]
    public async Task A_name_has_3_to_64_characters_and_a_password_8_to_128(int name, int password, string wrong)
    {
        var reply = await RegisterAsync(new string('n', name), new string('p', password)).ExpectProblem(BadRequest, "validation-failed");
        Assert.Equal([wrong], reply.Body["errors"]!.AsObject().Select(error => error.Key));
    }

    [Fact]
    public async Task Every_error_is_told_at_once()
    {
        var reply = await RegisterAsync("x", "y").ExpectProblem(BadRequest, "validation-failed");
        Assert.Equal(["name", "password"], reply.Body["errors"]!.AsObject().Select(error => error.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_shortest_and_the_longest_names_and_passwords_are_accepted()
    {
        await RegisterAsync(Guid.NewGuid().ToString("N")[..3], new string('p', 8)).Expect(Created, Conflict);
        var longest = $"{Guid.NewGuid():N}{Guid.NewGuid():N}";
        await RegisterAsync(longest, new string('p', 128)).Expect(Created);
        await LogInAsync(longest, new string('p', 128)).Expect(Created);
        await LogInAsync(longest, new string('p', 127)).ExpectProblem(Unauthorized, "bad-credentials");
    }

    [Theory]
    [InlineData(" abc")]
    [InlineData("abc ")]
    [InlineData("   ")]
    [InlineData("a\u0000bc")]
    [InlineData("a\nbc")]
    [InlineData("a\u200Bbc")]
    [InlineData("a\u202Ebc")]
    public async Task A_name_with_what_nobody_sees_is_refused(string name) =>
        await RegisterAsync(name, Password).ExpectProblem(BadRequest, "validation-failed");

    [Fact]
    public async Task A_name_may_be_in_any_script_and_hold_any_visible_sign()
    {
        foreach (var name in (string[])[$"Zoë {NewName()}", $"名前{NewName()}", $"o'; DROP TABLE {NewName()}", $"<b>{NewName()}"])
        {
            await RegisterAsync(name, Password).Expect(Created);
            Assert.Equal(name, (await LogInAsync(name, Password).Expect(Created)).Body["name"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task A_taken_name_is_a_409_whatever_its_case_and_the_first_password_stays()
    {
        var name = NewName();
        await RegisterAsync(name, Password).Expect(Created);
        await RegisterAsync(name, Password).ExpectProblem(Conflict, "name-taken");
        await RegisterAsync(name.ToUpperInvariant(), "another password").ExpectProblem(Conflict, "name-taken");
        await LogInAsync(name, "another password").ExpectProblem(Unauthorized, "bad-credentials");
        await LogInAsync(name.ToUpperInvariant(), Password).Expect(Created);
    }

    [Fact]
    public async Task Of_many_who_ask_for_one_name_at_once_one_gets_it()
    {
        var name = NewName();
        var replies = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => RegisterAsync(i % 2 == 0 ? name : name.ToUpperInvariant(), Password)));
        Assert.Single(replies, reply => reply.Status is Created);
        Assert.All(replies.Where(reply => reply.Status is not Created), reply => Assert.Equal("name-taken", reply.Code));
    }

    [Theory]
    [InlineData("""{"password":"12345678"}""")]
    [InlineData("""{"name":"abc"}""")]
    [InlineData("""{"name":null,"password":"12345678"}""")]
    [InlineData("""{"name":"abc","password":null}""")]
    [InlineData("""{"name":["abc"],"password":"12345678"}""")]
    [InlineData("""{"name":"abc","password":12345678}""")]
    [InlineData("""{"name":"abc","password":"12345678","id":"1"}""")]
    [InlineData("""{"name":"abc","password":"12345678","balance":{"amount":1,"currency":"EUR"}}""")]
    [InlineData("""{"name":"ab\ud800","password":"12345678"}""")]
    public async Task Anything_but_a_name_and_a_password_is_refused(string body)
    {
        var reply = await _anonymous.SendAsync(HttpMethod.Post, "/api/v1/customers", body).ExpectProblem(BadRequest, "validation-failed");
        Assert.NotEmpty(reply.Body["errors"]!.AsObject());
    }

    [Fact]
    public async Task An_Idempotency_Key_is_accepted_and_ignored()
    {
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());
        await _anonymous.PostAsync("/api/v1/customers", new { name = NewName(), password = Password }, key).Expect(Created);
        await _anonymous.PostAsync("/api/v1/customers", new { name = NewName(), password = Password }, key).Expect(Created);
    }

    private static string NewName() => $"c-{Guid.NewGuid():N}";

    private Task<Reply> RegisterAsync(string name, string password) => _anonymous.PostAsync("/api/v1/customers", new { name, password });

    private Task<Reply> LogInAsync(string name, string password) => _anonymous.PostAsync("/api/v1/session", new { name, password });
}
