using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts.Internal;
using Shop.IntegrationTests.Support;
using Shop.Payments.Customers;
using Shop.Payments.Storage;

namespace Shop.IntegrationTests.Payments;

public sealed class CustomerTests
{
    [Fact]
    public async Task A_new_customer_has_a_wallet_with_a_welcome_balance()
    {
        await using var payments = await PaymentsHost.StartAsync();

        var ada = await payments.CustomerAsync("Ada");

        Assert.Equal("Ada", ada.Name);
        Assert.Equal(PaymentsHost.Welcome, await payments.BalanceAsync(ada));
        await payments.AssertBooksBalanceAsync();
    }

    [Fact]
    public async Task Of_many_who_ask_for_one_name_at_once_one_gets_it()
    {
        await using var payments = await PaymentsHost.StartAsync();
        string[] spellings = ["ada", "Ada", "ADA", "aDa"];

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => payments.RegisterAsync(spellings[i % 4])));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        foreach (var answer in answers.Where(answer => answer.StatusCode != HttpStatusCode.Created))
        {
            await HttpAssert.ProblemAsync(answer, HttpStatusCode.Conflict, "name-taken");
        }

        var facts = await payments.FactsAsync();
        Assert.Single(facts, fact => fact.Account is not null);
        Assert.Equal(PaymentsHost.Welcome, facts[^1].Ledger!.Welcome);
    }

    [Theory]
    [InlineData("ab", "correct horse", new[] { "name" })]
    [InlineData(" ada ", "correct horse", new[] { "name" })]
    [InlineData("a\u200Bda", "correct horse", new[] { "name" })]
    [InlineData("ada", "short", new[] { "password" })]
    [InlineData("", "", new[] { "name", "password" })]
    public async Task Credentials_that_break_the_rules_are_refused_with_every_error_at_once(string name, string password, string[] members)
    {
        await using var payments = await PaymentsHost.StartAsync();

        var problem = await HttpAssert.ProblemAsync(await payments.RegisterAsync(name, password), HttpStatusCode.BadRequest, "validation-failed");

        Assert.Equal(members, problem["errors"]!.AsObject().Select(error => error.Key));
    }

    [Fact]
    public async Task Name_and_password_identify_a_customer_whatever_the_case_of_the_name()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync("Ada");

        var identity = await HttpAssert.OkAsync<CustomerIdentity>(await payments.LogInAsync("aDA"));

        Assert.Equal(new CustomerIdentity(ada.Id, "Ada"), identity);
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_name_get_the_same_words()
    {
        await using var payments = await PaymentsHost.StartAsync();
        await payments.CustomerAsync("ada");

        var wrong = await HttpAssert.ProblemAsync(await payments.LogInAsync("ada", "wrong horse"), HttpStatusCode.Unauthorized, "bad-credentials");
        var unknown = await HttpAssert.ProblemAsync(await payments.LogInAsync("bob"), HttpStatusCode.Unauthorized, "bad-credentials");

        Assert.Equal(WithoutTrace(wrong), WithoutTrace(unknown));

        static string WithoutTrace(JsonNode problem)
        {
            problem.AsObject().Remove("traceId");
            return problem.ToJsonString();
        }
    }

    [Fact]
    public async Task An_unknown_name_takes_as_long_as_a_wrong_password()
    {
        await using var payments = await PaymentsHost.StartAsync(("Passwords:Iterations", "600000"));
        await payments.CustomerAsync("ada");
        var (wrong, unknown) = (double.MaxValue, double.MaxValue);

        // In turns and the best of each, and a wide margin: a busy machine must not fail the test.
        for (var i = 0; i < 4; i++)
        {
            wrong = Math.Min(wrong, await TimeAsync("ada"));
            unknown = Math.Min(unknown, await TimeAsync("bob"));
        }

        // A shortcut for unknown names would answer in a millisecond or two; both compute for a hundred.
        Assert.True(unknown > wrong * 0.15, $"{unknown} ms for an unknown name, {wrong} ms for a wrong password");

        async Task<double> TimeAsync(string name)
        {
            var started = Stopwatch.GetTimestamp();
            await payments.LogInAsync(name, "wrong horse");
            return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }
    }

    [Theory]
    [InlineData("/internal/customers")]
    [InlineData("/internal/credentials")]
    public async Task More_password_work_than_may_wait_is_turned_away_at_once(string path)
    {
        await using var payments = await PaymentsHost.StartAsync(("Passwords:MaxConcurrent", "1"), ("Passwords:MaxWaiting", "0"));
        await payments.CustomerAsync("ada");
        var slow = new TaskCompletionSource<object?>();
        var working = payments.Service.Get<PasswordPermits>()
            .RunAsync(EndpointFilterInvocationContext.Create(new DefaultHttpContext()), _ => new ValueTask<object?>(slow.Task));

        var turnedAway = await payments.Service.Client.PostAsJsonAsync(path, new Credentials("ada", "correct horse"));
        slow.SetResult(null);
        await working;

        await HttpAssert.ProblemAsync(turnedAway, HttpStatusCode.ServiceUnavailable, "overloaded");
        Assert.NotNull(turnedAway.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.OK, (await payments.LogInAsync("ada")).StatusCode);
    }

    [Fact]
    public async Task A_password_is_stored_as_a_salted_hash_that_names_its_cost()
    {
        await using var payments = await PaymentsHost.StartAsync();
        await payments.CustomerAsync("ada");
        await payments.CustomerAsync("bob");

        var hashes = await payments.Service.Get<Database<PaymentsDbContext>>()
            .ReadAsync(db => db.Customers.Select(c => c.PasswordHash).ToListAsync(), CancellationToken.None);

        Assert.All(hashes, hash => Assert.Matches(@"^pbkdf2-sha256\$1000\$[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=$", hash));
        Assert.Equal(2, hashes.Distinct().Count());
    }
}
