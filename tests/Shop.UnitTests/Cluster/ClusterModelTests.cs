using System.Net;
using System.Text.RegularExpressions;
using Shop.Lab.Cluster;
using Shop.Lab.Cluster.Apps;
using Shop.Lab.Cluster.Model;
using Shop.Lab.Cluster.Servers;
using Shop.UnitTests.Support;

namespace Shop.UnitTests.Cluster;

/// <summary>What must hold of every cluster before any process of it runs.</summary>
public sealed partial class ClusterModelTests
{
    private static readonly ClusterSecrets Secrets = ClusterSecrets.Generate();
    private static readonly ClusterDirectory Place = new("/cluster");

    private static readonly ClusterOptions Largest = new() { Replicas = ClusterOptions.MaxReplicas, Gateways = ClusterOptions.MaxReplicas, LockNodes = ClusterOptions.MaxLockNodes };

    [Theory]
    [InlineData(8080)]
    [InlineData(1)]
    [InlineData(65_435)]
    public void Every_port_is_used_once_and_lies_in_the_range_of_the_cluster(int port)
    {
        var ports = Model(Largest with { Port = port }).Processes.SelectMany(process => process.Ports).Select(use => use.Port).ToList();

        Assert.Equal(ports.Distinct(), ports);
        Assert.All(ports, used => Assert.InRange(used, port, port + PortPlan.Size - 1));
        Assert.InRange(ports.Max(), 1, ushort.MaxValue);
    }

    [Theory]
    [InlineData(nameof(ClusterSessions.Sticky), "hash $shop_way consistent;")]
    [InlineData(nameof(ClusterSessions.Replicated), "least_conn;")]
    [InlineData(nameof(ClusterSessions.Central), "least_conn;")]
    public void Gateways_and_nginx_agree_on_where_sessions_live(string name, string balancing)
    {
        var model = Model(new() { Sessions = Enum.Parse<ClusterSessions>(name) });

        Assert.Equal(name, model["gateway-1"].Environment["Sessions__Strategy"]);
        var configuration = Assert.Single(model[NginxServer.Name].Files).Content;
        Assert.Contains(balancing, configuration, StringComparison.Ordinal);
        Assert.Equal(name == nameof(ClusterSessions.Sticky), configuration.Contains("Set-Cookie", StringComparison.Ordinal));
        Assert.Equal(name != nameof(ClusterSessions.Sticky), configuration.Contains("timeout non_idempotent;", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_is_told_to_listen_beyond_loopback() => Assert.Empty(Model(Largest).Processes.SelectMany(BeyondLoopback));

    [Theory]
    [InlineData("bind 0.0.0.0")]
    [InlineData("listen *:8080;")]
    [InlineData("listen 8080;")]
    [InlineData("listen_addresses=*")]
    [InlineData("bind 10.0.0.7")]
    [InlineData("listeners.tcp.1 = 5672")]
    [InlineData("http://[::]:5000")]
    [InlineData("http://*:5000")]
    [InlineData("http://+:5000")]
    public void An_address_beyond_loopback_is_found(string setting)
    {
        var process = Model(new()).Processes[0];

        Assert.NotEmpty(BeyondLoopback(process with { Files = [.. process.Files, new ConfigFile("planted", setting)] }));
    }

    [Fact]
    public void Each_server_is_told_its_address()
    {
        // The default of all of these is every interface.
        Dictionary<string, string> address = new()
        {
            ["postgres"] = "listen_addresses=127.0.0.1",
            ["epmd"] = "-address 127.0.0.1",
            ["rabbitmq"] = "listeners.tcp.1 = 127.0.0.1:",
            ["redis"] = "bind 127.0.0.1\n",
            ["redis-lock-1"] = "bind 127.0.0.1\n",
            ["consul-1"] = "\"client_addr\": \"127.0.0.1\"",
            ["consul-2"] = "\"bind_addr\": \"127.0.0.1\"",
            ["nginx"] = "listen 127.0.0.1:",
            ["ordering-1"] = "http://127.0.0.1:",
            ["gateway-2"] = "http://127.0.0.1:",
        };
        var model = Model(new());

        Assert.All(address, pair => Assert.Contains(pair.Value, TextOf(model[pair.Key]), StringComparison.Ordinal));
        Assert.Contains("-kernel inet_dist_use_interface {127,0,0,1}", TextOf(model["rabbitmq"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_depends_only_on_those_before_it()
    {
        var seen = new HashSet<string>();
        foreach (var process in Model(Largest).Processes)
        {
            Assert.All(process.DependsOn, other => Assert.Contains(other, seen));
            Assert.True(seen.Add(process.Name), process.Name);
        }
    }

    [Fact]
    public void The_way_in_opens_last_and_closes_first()
    {
        var model = Model(new());

        Assert.Equal(["gateway-1", "gateway-2"], model["nginx"].DependsOn);
        Assert.Contains("payments-2", model["gateway-1"].DependsOn);
        Assert.Contains("rabbitmq", model["payments-2"].DependsOn);
    }

    [Fact]
    public void Where_no_worker_numbers_are_leased_every_process_has_one_of_its_own()
    {
        var workers = Model(Largest with { Parts = Largest.Parts & ~ClusterParts.Consul }).Processes.Where(process => ClusterParts.Apps.HasFlag(process.Part)).Select(process => process.Environment["Snowflake__WorkerId"]).ToList();

        Assert.Equal(4 * ClusterOptions.MaxReplicas, workers.Distinct().Count());
        Assert.Equal(workers.Distinct(), workers);
    }

    [Fact]
    public void No_secret_stands_on_a_command_line_where_every_user_could_read_it()
    {
        var secrets = AllSecrets().ToList();

        Assert.NotEmpty(secrets);
        Assert.All(Model(Largest).Processes, process => Assert.DoesNotContain(secrets, secret => string.Join(' ', process.Command).Contains(secret, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_service_gets_the_passwords_of_no_other_service()
    {
        var ordering = Model(new())["ordering-1"].Environment.Values.ToList();

        Assert.Contains(ordering, value => value.Contains(Secrets.Database["ordering"], StringComparison.Ordinal));
        Assert.Contains(Secrets.Messaging["ordering"], ordering);
        Assert.DoesNotContain(ordering, value =>
            value.Contains(Secrets.Database["payments"], StringComparison.Ordinal)
            || value.Contains(Secrets.Messaging["payments"], StringComparison.Ordinal)
            || value.Contains(Secrets.PostgresSuperuser, StringComparison.Ordinal)
            || value.Contains($"{Secrets.ConsulManagementToken}", StringComparison.Ordinal));
    }

    [Fact]
    public void Servers_of_one_kind_can_be_had_alone()
    {
        var names = Model(new() { Parts = ClusterParts.Postgres | ClusterParts.RabbitMq }).Processes.Select(process => process.Name);

        Assert.Equal(["postgres", "epmd", "rabbitmq"], names);
    }

    [Fact]
    public void Five_lock_nodes_are_five_independent_servers()
    {
        var model = Model(new() { Parts = ClusterParts.Locks, LockNodes = 5 });

        Assert.Equal(5, model.Processes.Count);
        Assert.Equal(5, model.Connections.Locks.Distinct().Count());
        Assert.All(model.Processes, process => Assert.DoesNotContain("replicaof", TextOf(process), StringComparison.Ordinal));
    }

    [Fact]
    public void The_servers_keep_what_they_have_acknowledged()
    {
        var model = Model(new());

        string[] settings = ["fsync=on", "synchronous_commit=on", "max_prepared_transactions=200", "max_connections=300", "shared_buffers=1GB"];
        Assert.All(settings, setting => Assert.Contains(setting, model["postgres"].Command));
        Assert.Contains("appendonly yes", TextOf(model["redis"]), StringComparison.Ordinal);
        Assert.Contains("appendfsync always", TextOf(model["redis-lock-1"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Nginx_chooses_the_gateway_with_less_to_do_and_believes_no_client_about_its_address()
    {
        var nginx = TextOf(Model(new())["nginx"]);

        Assert.Contains("least_conn;", nginx, StringComparison.Ordinal);
        Assert.Contains("proxy_buffering off;", nginx, StringComparison.Ordinal);
        Assert.Contains("proxy_set_header X-Forwarded-For $remote_addr;", nginx, StringComparison.Ordinal);
    }

    [Fact]
    public void The_answer_of_nginx_for_gateways_that_are_away_is_one_of_the_catalogue()
    {
        var problem = Shop.ServiceDefaults.ProblemCatalogue.DependencyUnavailable;

        Assert.Contains($"\"type\":\"{problem.Uri}\",\"title\":\"{problem.Title}\",\"status\":503,\"code\":\"{problem.Slug}\"", TextOf(Model(new())["nginx"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ordering", "shop.ordering", true, true)]
    [InlineData("ordering", "ordering_error", true, true)]
    [InlineData("ordering", "shop.payments", false, true)]
    [InlineData("ordering", "amq.topic", false, false)]
    [InlineData("payments", "shop.ordering", false, true)]
    [InlineData("payments", "shop.inventory", false, true)]
    [InlineData("payments", "shop.paymentsx", false, false)]
    [InlineData("payments", "other.payments", false, false)]
    [InlineData("inventory", "shop.payments", false, true)]
    public void A_service_reads_its_own_queue_and_writes_to_whom_it_sends(string service, string queue, bool reads, bool writes)
    {
        Assert.Equal(reads, Regex.IsMatch(queue, RabbitMqDefinitions.Readable(service)));
        Assert.Equal(writes, Regex.IsMatch(queue, RabbitMqDefinitions.Writable(service)));
    }

    [Theory]
    [InlineData(0, 2, 3)]
    [InlineData(65_436, 2, 3)]
    [InlineData(8080, 0, 3)]
    [InlineData(8080, 9, 3)]
    [InlineData(8080, 2, 4)]
    [InlineData(8080, 2, 7)]
    public void Options_out_of_range_are_refused(int port, int replicas, int lockNodes) => Assert.Throws<ClusterException>(
        () => new ClusterOptions { Port = port, Replicas = replicas, LockNodes = lockNodes }.Validate());

    [Fact]
    public void A_program_that_is_missing_is_named_with_the_way_to_get_it()
    {
        var model = Model(new() { Parts = ClusterParts.Consul }, new Binaries { Consul = "consul" });
        var start = new ClusterStart(model, new(Place, TimeProvider.System), TimeProvider.System, null);

        var refusal = Assert.Throws<ClusterException>(() => start.CheckWhatIsNeeded(expectAssemblies: false));

        Assert.Contains("consul", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("tests/install-servers.sh", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    private static ClusterModel Model(ClusterOptions options, Binaries? binaries = null) =>
        ClusterModel.Create(options, Place, Secrets, new SourceTree(Repository.Root), binaries);

    private static string TextOf(ProcessSpec process) => string.Join('\n',
        [string.Join(' ', process.Command), .. process.Environment.Select(pair => $"{pair.Key}={pair.Value}"), .. process.Files.Select(file => file.Content)]);

    private static IEnumerable<string> BeyondLoopback(ProcessSpec process) =>
        from line in TextOf(process).Split('\n')
        where AnyInterface().IsMatch(line) || Ipv4().Matches(line).Any(address => !IPAddress.IsLoopback(IPAddress.Parse(address.Value)))
        select $"{process.Name}: {line.Trim()}";

    private static IEnumerable<string> AllSecrets() =>
    [
        Secrets.PostgresSuperuser, .. Secrets.Database.Values, .. Secrets.Messaging.Values, Secrets.Redis, Secrets.Locks, Secrets.ConsulGossipKey,
        $"{Secrets.ConsulManagementToken}", $"{Secrets.ConsulServiceToken}", Secrets.ErlangCookie, Secrets.IdentitySigningKey, Secrets.ServiceKey, Secrets.OperatorKey,
    ];

    [GeneratedRegex(@"(?<![\d.])\d{1,3}(\.\d{1,3}){3}(?![\d.])")]
    private static partial Regex Ipv4();

    // A star or an empty address, an IPv6 wildcard, or a port that stands alone where an address belongs.
    [GeneratedRegex(@"\*:\d|=\*|//\+:|\[::\]|\blisten\s+\d+(\s|;)|listeners\.tcp\.\w+\s*=\s*\d+$")]
    private static partial Regex AnyInterface();
}
