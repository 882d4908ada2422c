using System.Globalization;
using System.Net;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Shop.IntegrationTests.Discovery;
using Shop.Lab.Cluster;
using Shop.Lab.Cluster.Probes;
using Shop.Lab.Cluster.Servers;
using static Shop.IntegrationTests.Cluster.Clients;

namespace Shop.IntegrationTests.Cluster;

/// <summary>The servers run, let in who has a password and nobody else, and survive the death of any of them.</summary>
[Collection(OwnCluster.Name)]
public sealed class ServersTests(ServersFixture fixture) : IClassFixture<ServersFixture>
{
    private static readonly HttpMethod Get = HttpMethod.Get;
    private static readonly HttpMethod Put = HttpMethod.Put;

    private ShopCluster Cluster => fixture.Cluster;

    private ClusterSecrets Secrets => Cluster.Secrets;

    private int PostgresPort => Cluster.Connections.Ports.Postgres;

    [Fact]
    public async Task Every_server_is_healthy_and_consul_has_one_leader()
    {
        Assert.Equal(11, (await Cluster.StatusAsync()).Count);
        await AllBecomeHealthyAsync();
        await Eventually.EqualAsync(
            ["leader", "primary"], async () => [.. (await Cluster.StatusAsync()).Select(process => process.Role).OfType<string>().Where(role => role is "leader" or "primary").Order()]);
    }

    [Fact]
    public void Nobody_listens_beyond_loopback()
    {
        var first = Cluster.Options.Port;
        var addresses = Listeners().Where(listener => listener.Port >= first && listener.Port < first + 100).ToList();

        Assert.True(addresses.Count >= Cluster.Model.Processes.Sum(process => process.Ports.Count));
        Assert.All(addresses, listener => Assert.True(IPAddress.IsLoopback(listener.Address), $"{listener}"));
    }

    [Theory]
    [InlineData("ordering")]
    [InlineData("inventory")]
    [InlineData("payments")]
    public async Task A_service_owns_its_database_and_opens_no_other(string service)
    {
        var password = Secrets.Database[service];
        var other = service == "ordering" ? "payments" : "ordering";

        Assert.Equal((true, service), await SqlAsync(PostgresPort, service, password, service, "CREATE TEMP TABLE t (id int); SELECT current_user"));
        Assert.Contains("permission denied", (await SqlAsync(PostgresPort, service, password, other, "SELECT 1")).Output, StringComparison.Ordinal);
        Assert.Contains("authentication failed", (await SqlAsync(PostgresPort, service, "guess", service, "SELECT 1")).Output, StringComparison.Ordinal);
        Assert.Equal((true, "off"), await SqlAsync(PostgresPort, service, password, service, "SHOW is_superuser"));
    }

    [Theory]
    [InlineData("fsync", "on")]
    [InlineData("synchronous_commit", "on")]
    [InlineData("max_prepared_transactions", "200")]
    [InlineData("max_connections", "300")]
    [InlineData("shared_buffers", "1GB")]
    public async Task PostgreSQL_runs_with_the_settings_that_the_shop_counts_on(string name, string value) =>
        Assert.Equal((true, value), await SqlAsync(PostgresPort, "postgres", Secrets.PostgresSuperuser, "postgres", $"SHOW {name}"));

    [Fact]
    public async Task Redis_wants_the_password()
    {
        var ports = Cluster.Connections.Ports;

        Assert.StartsWith("-NOAUTH", await RedisAsync(ports.Redis, "PING"), StringComparison.Ordinal);
        Assert.StartsWith("-WRONGPASS", await RedisAsync(ports.Redis, $"AUTH {Secrets.Locks}"), StringComparison.Ordinal);
        Assert.Equal("+PONG", await RedisAsync(ports.Redis, $"AUTH {Secrets.Redis}", "PING"));
        Assert.Equal("+PONG", await RedisAsync(ports.Lock(3), $"AUTH {Secrets.Locks}", "PING"));
    }

    [Theory]
    [InlineData("ordering")]
    [InlineData("inventory")]
    [InlineData("payments")]
    public async Task RabbitMQ_lets_each_service_into_the_shop_and_nowhere_else(string service)
    {
        var port = Cluster.Connections.Ports.RabbitMq;
        var probe = new AmqpProbe(port, RabbitMqServer.VirtualHost, service, Secrets.Messaging[service]);

        await Eventually.TrueAsync(async () => (await probe.CheckAsync(default)).IsReady);
        Assert.False((await (probe with { Password = "guess" }).CheckAsync(default)).IsReady);
        Assert.False((await (probe with { VirtualHost = "/" }).CheckAsync(default)).IsReady);
        Assert.False((await (probe with { User = "guest", Password = "guest" }).CheckAsync(default)).IsReady);
    }

    [Fact]
    public async Task A_queue_that_nobody_empties_refuses_what_is_too_much_and_takes_more_when_it_was_emptied()
    {
        const string Queue = "shop.ordering";
        var factory = new ConnectionFactory { Uri = Cluster.Connections.RabbitMq("ordering") };
        await using var connection = await factory.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await channel.ExchangeDeclareAsync(Queue, ExchangeType.Fanout, durable: true);
        await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false);
        await channel.QueueBindAsync(Queue, Queue, "");
        await Task.WhenAll(Enumerable.Range(0, 10_000).Select(_ => PublishAsync()));

        await Assert.ThrowsAsync<PublishException>(PublishAsync);
        Assert.Equal(10_000u, await channel.MessageCountAsync(Queue));
        await channel.QueuePurgeAsync(Queue);
        await PublishAsync();

        await channel.QueueDeleteAsync(Queue);
        await channel.ExchangeDeleteAsync(Queue);

        Task PublishAsync() => channel.BasicPublishAsync(Queue, "", mandatory: true, body: "{}"u8.ToArray()).AsTask();
    }

    [Fact]
    public async Task Consul_denies_what_no_token_allows()
    {
        var server = Cluster.Connections.Consul[1];

        Assert.Equal(HttpStatusCode.Forbidden, (await ConsulAsync(Put, server, "v1/kv/shop/a", null, "1")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await ConsulAsync(Put, server, "v1/kv/shop/a", Guid.NewGuid(), "1")).Status);
        Assert.Equal(HttpStatusCode.OK, (await ConsulAsync(Put, server, "v1/kv/shop/a", Secrets.ConsulServiceToken, "1")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await ConsulAsync(Put, server, "v1/kv/config/a", Secrets.ConsulServiceToken, "1")).Status);
        Assert.Equal(HttpStatusCode.OK, (await ConsulAsync(Put, server, "v1/kv/config/a", Secrets.ConsulManagementToken, "1")).Status);
        Assert.Equal((HttpStatusCode.OK, "1"), await ConsulAsync(Get, Cluster.Connections.Consul[2], "v1/kv/config/a?raw", Secrets.ConsulServiceToken));
    }

    [Fact]
    public async Task A_service_can_register_itself_with_its_token()
    {
        const string Service = """{"ID":"test-1","Name":"test","Address":"127.0.0.1","Port":1}""";
        var server = Cluster.Connections.Consul[0];

        Assert.Equal(HttpStatusCode.Forbidden, (await ConsulAsync(Put, server, "v1/agent/service/register", null, Service)).Status);
        Assert.Equal(HttpStatusCode.OK, (await ConsulAsync(Put, server, "v1/agent/service/register", Secrets.ConsulServiceToken, Service)).Status);
        await Eventually.TrueAsync(async () =>
            (await ConsulAsync(Get, server, "v1/health/service/test", Secrets.ConsulServiceToken)).Body.Contains("test-1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nginx_answers_for_gateways_that_are_away_in_the_words_of_the_api()
    {
        using var http = new HttpClient();
        var response = await http.GetAsync($"http://127.0.0.1:{Cluster.Options.Port}/api/v1/products");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.Contains("\"code\":\"dependency-unavailable\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_are_for_this_user_only()
    {
        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        var secret = Directory.EnumerateFiles(Cluster.Directory.Path, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) is "secrets.json" or "operator.key" or "redis.conf" or "consul.json" or "definitions.json" or ".erlang.cookie")
            .ToList();

        Assert.Equal(11, secret.Count);
        Assert.All(secret, file => Assert.Equal((UnixFileMode)0, File.GetUnixFileMode(file) & Others));
        Assert.False(File.Exists(Path.Combine(Cluster.Directory.Of("postgres"), "password")));
    }

    [Fact]
    public async Task A_frozen_server_is_seen_and_goes_on_where_it_was()
    {
        await Cluster.PauseAsync("redis-lock-2");
        var frozen = (await Cluster.StatusAsync()).Single(process => process.Name == "redis-lock-2");
        await Cluster.ResumeAsync("redis-lock-2");
        await AllBecomeHealthyAsync();
        var thawed = (await Cluster.StatusAsync()).Single(process => process.Name == "redis-lock-2");

        Assert.Equal(ProcessHealth.Paused, frozen.Health);
        Assert.Equal(frozen.Id, thawed.Id);
    }

    [Fact]
    public async Task Servers_that_are_killed_and_started_again_still_have_what_they_acknowledged()
    {
        var ports = Cluster.Connections.Ports;
        var password = Secrets.Database["ordering"];
        await SqlAsync(ports.Postgres, "ordering", password, "ordering", "CREATE TABLE kept (id int); INSERT INTO kept VALUES (42)");
        await RedisAsync(ports.Lock(1), $"AUTH {Secrets.Locks}", "SET kept 42");
        await ConsulAsync(Put, Cluster.Connections.Consul[0], "v1/kv/shop/kept", Secrets.ConsulServiceToken, "42");

        string[] names = ["postgres", "rabbitmq", "epmd", "redis-lock-1", "consul-1", "consul-2", "consul-3", "nginx"];
        await Task.WhenAll(names.Select(name => Cluster.KillAsync(name)));
        Assert.All(await Cluster.StatusAsync(), process => Assert.Equal(names.Contains(process.Name), process.Health is ProcessHealth.Down));

        // RabbitMQ brings its epmd along.
        await Task.WhenAll(names.Where(name => name != "epmd").Select(name => Cluster.StartAsync(name)));
        await AllBecomeHealthyAsync();

        Assert.Equal((true, "42"), await SqlAsync(ports.Postgres, "ordering", password, "ordering", "SELECT id FROM kept"));
        Assert.Equal("42", await RedisAsync(ports.Lock(1), $"AUTH {Secrets.Locks}", "GET kept"));
        await Eventually.TrueAsync(async () => // whoever leads answers also before it has read all of its log
            await ConsulAsync(Get, Cluster.Connections.Consul[2], "v1/kv/shop/kept?raw", Secrets.ConsulServiceToken) == (HttpStatusCode.OK, "42"));
    }

    [Fact]
    public async Task A_consul_server_starts_while_another_one_is_away()
    {
        await Cluster.KillAsync("consul-1");
        await Cluster.KillAsync("consul-3");

        await Cluster.StartAsync("consul-1"); // gives the services their token, which the other one hears of later
        await Cluster.StartAsync("consul-3");

        await AllBecomeHealthyAsync();
    }

    [Fact]
    public async Task A_name_that_no_process_has_is_refused_with_those_there_are()
    {
        var refusal = await Assert.ThrowsAsync<ClusterException>(() => Cluster.KillAsync("mysql"));

        Assert.Contains("postgres", refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ClusterException>(() => Cluster.StartAsync("redis"));
    }

    // A single look may come when somebody stands still: a probe waits for two seconds, and Consul changes its leader after half a second.
    private Task AllBecomeHealthyAsync() => Eventually.EqualAsync<string>(
        [], async () => [.. (await Cluster.StatusAsync()).Where(process => process.Health is not ProcessHealth.Healthy).Select(process => $"{process}")]);

    // As the kernel has it: the address in hexadecimal, each 32 bits in the byte order of this machine; 0A is "listening".
    internal static IEnumerable<IPEndPoint> Listeners() =>
        from table in new[] { "/proc/net/tcp", "/proc/net/tcp6" }
        where File.Exists(table)
        from line in File.ReadLines(table).Skip(1)
        let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        where fields[3] == "0A"
        let local = fields[1].Split(':')
        let address = Convert.FromHexString(local[0]).Chunk(4).SelectMany(word => word.Reverse()).ToArray()
        select new IPEndPoint(new IPAddress(address), int.Parse(local[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
}
