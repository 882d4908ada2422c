using System.Net;
using Shop.Contracts;
using Shop.IntegrationTests.Support;
using Shop.Lab.Cluster;
using Shop.Lab.Cluster.Model;
using Xunit.Abstractions;

namespace Shop.IntegrationTests.Cluster;

/// <summary>Callers who repeat nothing, while application processes are replaced: in good order it costs nobody anything, and a kill costs
/// what was under way.</summary>
[Collection(SharedCluster.Name)]
public sealed class RollingRestartTests(ClusterFixture fixture, ITestOutputHelper output)
{
    private const int Callers = 8;

    // nginx, Redis and PostgreSQL are waited for no longer than a second or a few: on a machine where a process stands still for so long, a request fails
    // whatever is restarted. So one round of these must be good; a shop that loses requests because of a restart loses them in every round.
    private const int Rounds = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private ShopCluster Cluster => fixture.Cluster;

    private IEnumerable<ProcessSpec> Apps => Cluster.Model.Processes.Where(process => process.Part is ClusterParts.Services or ClusterParts.Gateways);

    [Fact]
    public async Task No_request_fails_while_every_process_is_restarted_in_turn_with_a_new_signing_key()
    {
        var (old, next) = (Cluster.Secrets.IdentitySigningKey, fixture.NextSigningKey);
        await FailAtMostAsync(0, async () =>
        {
            // The services come first, and so accept the new key before a gateway signs with it.
            foreach (var app in Apps)
            {
                await Cluster.RestartAsync(app.Name, Keys(next, old));
            }

            (old, next) = (next, old); // a further round has to change it again
        });
    }

    [Fact]
    public async Task A_signing_key_that_is_taken_away_opens_nothing_any_more()
    {
        var (old, next) = (Cluster.Secrets.IdentitySigningKey, fixture.NextSigningKey);
        await Cluster.RestartAsync("ordering-1", Keys(next, next));
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await OrdersAsync(old), await OrdersAsync(next)));

        await Cluster.RestartAsync("ordering-1");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (await OrdersAsync(old), await OrdersAsync(next)));
    }

    [Theory]
    [InlineData("ordering-2")]
    [InlineData("gateway-1")]
    public Task A_killed_replica_costs_only_the_requests_that_it_had(string process) => FailAtMostAsync(Callers, async () =>
    {
        await Cluster.KillAsync(process);
        await Cluster.StartAsync(process);
    });

    private static Dictionary<string, string> Keys(string first, string second) =>
        new() { ["Identity__SigningKeys__0"] = first, ["Identity__SigningKeys__1"] = second };

    private async Task<HttpStatusCode> OrdersAsync(string key)
    {
        using var client = new ShopClient($"http://127.0.0.1:{Cluster.Connections.Ports.Ordering(1)}");
        var identity = Identities.Sign(Convert.FromBase64String(key), ServiceNames.Ordering, lives: TimeSpan.FromMinutes(1));
        return (await client.GetAsync("/api/v1/orders", ("Shop-Identity", identity))).Status;
    }

    private async Task FailAtMostAsync(int allowed, Func<Task> change)
    {
        var failures = await FailuresDuringAsync(change);
        for (var round = 2; failures.Count > allowed && round <= Rounds; round++)
        {
            failures = await FailuresDuringAsync(change);
        }

        Assert.True(failures.Count <= allowed, string.Join('\n', failures));
    }

    private async Task<List<string>> FailuresDuringAsync(Func<Task> change)
    {
        var seed = Environment.TickCount;
        var callers = Enumerable.Range(0, Callers).Select(i => new ImpatientCaller(fixture.Address, seed + i)).ToList();
        await Task.WhenAll(callers.Select(caller => caller.EnterAsync()));

        using var over = new CancellationTokenSource();
        var calling = callers.Select(caller => Task.Run(() => caller.CallUntilAsync(over.Token))).ToList();
        await UntilAllWereAnsweredAsync();
        await change();
        await UntilAllWereAnsweredAsync();
        await over.CancelAsync();
        await Task.WhenAll(calling);

        var failures = callers.SelectMany(caller => caller.Failures).ToList();
        output.WriteLine($"{callers.Sum(caller => caller.Answered)} requests answered, {failures.Count} failed; seed {seed}");
        failures.ForEach(output.WriteLine);
        Invariants.AssertHold(await fixture.QuietInvariantsAsync(Patience));
        callers.ForEach(caller => caller.Dispose());
        return failures;

        // Each of them a few times, so that there is load before and after.
        async Task UntilAllWereAnsweredAsync()
        {
            var before = callers.Select(caller => caller.Answered).ToList();
            for (var waited = TimeSpan.Zero; callers.Zip(before).Any(pair => pair.First.Answered < pair.Second + 10); waited += TimeSpan.FromMilliseconds(50))
            {
                Assert.True(waited < Patience, "The callers are not answered any more.");
                await Task.Delay(50);
            }
        }
    }
}
