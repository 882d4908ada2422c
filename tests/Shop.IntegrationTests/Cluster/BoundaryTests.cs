using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using Shop.Contracts;
using Shop.IntegrationTests.Support;
using Shop.Lab.Cluster;
using Shop.Lab.Cluster.Model;
using static System.Net.HttpStatusCode;
using static Shop.IntegrationTests.Cluster.Identities;

namespace Shop.IntegrationTests.Cluster;

/// <summary>Who is believed, and who is served, on real processes: through nginx, and past it at a gateway and at a service.</summary>
[Collection(SharedCluster.Name)]
public sealed class BoundaryTests(ClusterFixture fixture)
{
    private const int Many = 100;

    private ShopCluster Cluster => fixture.Cluster;

    private PortPlan Ports => Cluster.Connections.Ports;

    private byte[] Key => Convert.FromBase64String(Cluster.Secrets.IdentitySigningKey);

    [Fact]
    public async Task An_identity_is_believed_when_the_gateway_signed_it_for_this_service_and_it_has_not_expired()
    {
        using var orders = new ShopClient(At(Ports.Ordering(1)));
        var good = Sign(Key, ServiceNames.Ordering, lives: TimeSpan.FromMinutes(1));
        await orders.GetAsync("/api/v1/orders", ("Shop-Identity", good)).Expect(OK);

        var parts = good.Split('.');
        var somebodyElse = Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes("""{"sub":"2","name":"victim","iss":"shop-gateway","aud":"ordering","exp":9999999999}"""));
        var none = Base64Url.EncodeToString("""{"alg":"none","typ":"JWT"}"""u8);
        foreach (var (why, identity) in new Dictionary<string, string>
        {
            ["expired"] = Sign(Key, ServiceNames.Ordering, lives: TimeSpan.FromMinutes(-1)),
            ["signed with another key"] = Sign(RandomNumberGenerator.GetBytes(32), ServiceNames.Ordering, lives: TimeSpan.FromMinutes(1)),
            ["signed with another key that claims to be ours"] =
                Sign(RandomNumberGenerator.GetBytes(32), ServiceNames.Ordering, lives: TimeSpan.FromMinutes(1), keyId: IdOf(Key)),
            ["for another service"] = Sign(Key, ServiceNames.Payments, lives: TimeSpan.FromMinutes(1)),
            ["from another issuer"] = Sign(Key, ServiceNames.Ordering, lives: TimeSpan.FromMinutes(1), issuer: "somebody"),
            ["altered"] = $"{parts[0]}.{somebodyElse}.{parts[2]}",
            ["unsigned"] = $"{none}.{somebodyElse}.",
            ["unsigned, with the signature of another"] = $"{none}.{parts[1]}.{parts[2]}",
        })
        {
            var reply = await orders.GetAsync("/api/v1/orders", ("Shop-Identity", identity));
            Assert.True(reply.Code is "unauthorized", $"{why}: {reply.Status}");
        }
    }

    [Fact]
    public async Task A_session_id_that_was_put_into_the_browser_before_never_becomes_a_logged_in_one()
    {
        using var browser = await CustomerAsync();
        var chosen = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        browser.Http.DefaultRequestHeaders.Authorization = null;

        var login = await browser.PostAsync("/api/v1/session", new { name = browser.Name, password = "correct horse" }, ("Cookie", $"shop.sid={chosen}")).Expect(Created);

        Assert.DoesNotContain(chosen, login.Header("Set-Cookie"), StringComparison.Ordinal);
        await browser.GetAsync("/api/v1/session", ("Cookie", $"shop.sid={chosen}")).Expect(Unauthorized);
        await browser.GetAsync("/api/v1/session", ("Cookie", $"shop.sid={login.Body["token"]}")).Expect(OK);
    }

    [Fact]
    public async Task What_a_client_says_of_https_or_of_where_it_comes_from_is_not_believed_through_nginx_or_past_it()
    {
        using var customer = await CustomerAsync();
        foreach (var port in (int[])[Ports.Public, Ports.Gateway(1)])
        {
            using var client = new ShopClient(At(port)) { ChecksRules = false };
            var login = await client.PostAsync(
                "/api/v1/session", new { name = customer.Name, password = "correct horse" },
                ("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "192.0.2.1"), ("Forwarded", "for=192.0.2.1;proto=https")).Expect(Created);

            Assert.DoesNotContain("secure", login.Header("Set-Cookie"), StringComparison.OrdinalIgnoreCase);
        }
    }

    [Theory]
    [InlineData("shop.example")]
    [InlineData("localhost.shop.example")]
    [InlineData("localhost@shop.example")]
    public async Task A_host_that_this_is_not_is_refused(string host)
    {
        foreach (var port in (int[])[Ports.Public, Ports.Gateway(2)])
        {
            using var connection = await RawConnection.OpenAsync(port);
            await connection.SendAsync($"GET /api/v1/products/umbrella HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Host: localhost\r\nConnection: close\r\n\r\n");
            var reply = await connection.ReadAsync();

            Assert.Equal(400, reply?.Status);
            Assert.DoesNotContain("text/html", port == Ports.Public ? "" : reply!.Head, StringComparison.Ordinal); // nginx has a page of its own for some
        }
    }

    [Fact]
    public async Task A_NUL_in_a_text_is_no_failure_of_PostgreSQL()
    {
        using var customer = await CustomerAsync();

        Assert.Empty((await customer.GetAsync("/api/v1/products?q=umbrella%00").Expect(OK)).Body["items"]!.AsArray());
        await customer.PostAsync("/api/v1/session", new { name = "a\0b", password = "correct horse" }).ExpectProblem(Unauthorized, "bad-credentials");
        await customer.PostAsync("/api/v1/customers", new { name = "a\0bc", password = "correct horse" }).ExpectProblem(BadRequest, "validation-failed");
        await customer.OrderAsync("umbrella\0").ExpectProblem(BadRequest, "validation-failed");
    }

    [Fact]
    public async Task Whoever_sends_headers_or_a_body_too_slowly_is_cut_off_and_holds_up_nobody()
    {
        int[] ports = [Ports.Public, Ports.Gateway(1)];
        var slow = new List<RawConnection>();
        foreach (var port in ports)
        {
            for (var i = 0; i < Many / 2; i++)
            {
                slow.Add(await SendAsync(port, $"GET /api/v1/products HTTP/1.1\r\nHost: localhost:{port}\r\nX-Slow: "));
                slow.Add(await SendAsync(port, $"POST /api/v1/session HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"));
            }
        }

        using var client = new ShopClient(fixture.Address) { ChecksRules = false };
        var served = await Task.WhenAll(Enumerable.Range(0, Many).Select(_ => client.GetAsync("/api/v1/products/umbrella")));
        Assert.All(served, reply => Assert.Equal(OK, reply.Status));

        // An answer or none, and then the end: the reading has a bound of its own.
        foreach (var connection in slow)
        {
            var reply = await connection.ReadAsync();
            Assert.True(reply is null or { Status: 408 or 400 or 503 }, $"{reply?.Head}");
            Assert.Null(reply is null ? null : await connection.ReadAsync());
            connection.Dispose();
        }
    }

    [Fact]
    public void Nobody_of_the_whole_cluster_listens_beyond_loopback()
    {
        var first = Cluster.Options.Port;
        var listeners = ServersTests.Listeners().Where(listener => listener.Port >= first && listener.Port < first + Cluster.Options.PortCount).ToList();

        Assert.Superset(
            Cluster.Model.Processes.SelectMany(process => process.Ports).Select(use => use.Port).ToHashSet(), listeners.Select(listener => listener.Port).ToHashSet());
        Assert.All(listeners, listener => Assert.True(IPAddress.IsLoopback(listener.Address), $"{listener}"));
    }

    private Task<ShopClient> CustomerAsync() => PatientBuyer.NewcomerAsync(fixture.Address);

    private static async Task<RawConnection> SendAsync(int port, string start)
    {
        var connection = await RawConnection.OpenAsync(port);
        await connection.SendAsync(start);
        return connection;
    }

    private static string At(int port) => $"http://127.0.0.1:{port}";
}
