using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Shop.Lab.Cluster;
using Shop.Lab.Cluster.Apps;
using Shop.Lab.Cluster.Model;
using Shop.Lab.Cluster.Processes;
using Shop.Lab.Cluster.Servers;
using Shop.UnitTests.Support;

namespace Shop.UnitTests.Compose;

/// <summary>docker-compose.yml starts what the lab's cluster starts, with the same settings, and keeps what containers should keep.</summary>
/// <remarks>Read, not run: what a container engine and the real images make of it is <c>tests/compose.sh</c>.</remarks>
public sealed partial class ComposeTests : IClassFixture<ComposeSecrets>
{
    private static readonly ComposeFile File = ComposeFile.OfRepository;

    private static readonly ClusterModel Model = ClusterModel.Create(
        new ClusterOptions(), new ClusterDirectory("/cluster"), ClusterSecrets.Generate(), new SourceTree(Repository.Root));

    private readonly ComposeSecrets _secrets;

    public ComposeTests(ComposeSecrets secrets) => _secrets = secrets;

    public static TheoryData<string> Apps =>
        [.. Model.Processes.Where(process => ClusterParts.Apps.HasFlag(process.Part)).Select(process => process.Name)];

    [Fact]
    public void It_starts_the_processes_of_the_cluster_and_a_few_jobs_before_them()
    {
        // epmd comes with the image of RabbitMQ.
        Assert.Equal(
            Model.Processes.Select(process => process.Name).Where(name => name != RabbitMqServer.EpmdName).Order(StringComparer.Ordinal),
            File.Services.Values.Where(service => !service.IsJob).Select(service => service.Name).Order(StringComparer.Ordinal));
        Assert.Equal(
            ["consul-acl", "migrate-inventory", "migrate-ordering", "migrate-payments"],
            File.Services.Values.Where(service => service.IsJob).Select(service => service.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Apps))]
    public void An_application_gets_the_settings_that_it_has_in_the_cluster(string name)
    {
        var service = File.Services[name];
        var settings = service.Environment
            .Concat(service.Secrets.Select(secret => KeyValuePair.Create(secret.Key, _secrets.Read(File.Secrets[secret.Value]))))
            .Where(setting => setting.Key is not ("Secrets__Directory" or "ASPNETCORE_URLS"))
            .Select(setting => $"{setting.Key}={Masked(setting.Value)}");

        Assert.Equal("/run/secrets", service.Environment["Secrets__Directory"]);
        Assert.Equal("http://+:8080", service.Environment["ASPNETCORE_URLS"]);
        Assert.Equal(
            Model[name].Environment.Where(setting => setting.Key != "ASPNETCORE_URLS").Select(setting => $"{setting.Key}={InContainers(name, setting)}").Order(StringComparer.Ordinal),
            settings.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Apps))]
    public void An_application_starts_after_everything_that_it_starts_after_in_the_cluster(string name) => Assert.Empty(
        Model[name].DependsOn.Where(other => other != RabbitMqServer.EpmdName).Except(Before(name)));

    [Fact]
    public void A_database_is_migrated_by_its_own_service_before_any_replica_of_it_starts()
    {
        Assert.All(AppKind.All.Where(kind => kind.IsService), kind =>
        {
            var job = File.Services[$"migrate-{kind.Service}"];
            var replica = File.Services[kind.Name(1)];
            Assert.Equal([Shop.ServiceDefaults.MigrateCommand.Switch], job.Command);
            Assert.Equal(replica["image"], job["image"]);
            Assert.Equal(replica.Secrets["Database__ConnectionString"], job.Secrets["Database__ConnectionString"]);
            Assert.Single(job.Secrets);
            Assert.Equal("service_completed_successfully", replica.DependsOn[job.Name]);
        });
    }

    [Fact]
    public void Nobody_waits_for_less_than_health_or_for_a_job_that_has_not_succeeded() => Assert.Empty(WeakWaits(File));

    [Fact]
    public void Everything_that_stays_has_a_health_check() =>
        Assert.DoesNotContain(File.Services.Values, service => !service.IsJob && service.HealthTest.Count == 0);

    [Fact]
    public void Every_image_has_a_version() => Assert.Empty(Unpinned(File));

    [Fact]
    public void Nothing_runs_as_root_or_writes_beyond_its_volume() => Assert.Empty(Uncontained(File));

    [Fact]
    public void Nothing_is_published_but_nginx_and_that_on_loopback() =>
        Assert.Equal(["nginx 127.0.0.1:8080:8080"], Published(File));

    [Fact]
    public void No_secret_stands_in_the_file() => Assert.Empty(InlineSecrets(File));

    [Theory]
    [InlineData("image: ${NGINX_IMAGE}", "image: nginx", "nginx nginx")]
    [InlineData("image: ${NGINX_IMAGE}", "image: nginx:latest", "nginx nginx:latest")]
    public void An_image_without_a_version_is_found(string text, string planted, string finding) => Assert.Equal([finding], Unpinned(With(text, planted)));

    [Theory]
    [InlineData("user: nginx", "user: root")]
    [InlineData("user: nginx", "user: \"0:0\"")]
    [InlineData("user: nginx", "init: true")]
    [InlineData("user: nginx", "user: nginx\n    privileged: true")]
    public void A_container_with_too_many_rights_is_found(string text, string planted) => Assert.Equal(["nginx"], Uncontained(With(text, planted)));

    [Fact]
    public void A_port_that_is_published_is_found() =>
        Assert.Contains("redis 6379:6379", Published(With("""volumes: ["redis:/data"]""", """ports: ["6379:6379"]""")));

    [Fact]
    public void A_wait_for_a_mere_start_is_found() => Assert.Contains(
        "nginx gateway-2 service_started",
        WeakWaits(With("gateway-2: { condition: service_healthy, restart: true }", "gateway-2: { condition: service_started }")));

    [Theory]
    [InlineData("RabbitMq__Password: swordfish", "RabbitMq__Password")]
    [InlineData("Redis__ConnectionString: redis:6379", "Redis__ConnectionString")]
    [InlineData("Extra: 5f4dcc3b5aa765d61d8327deb882cf995f4dcc3b5aa765d61d8327deb882cf99", "Extra")]
    public void A_secret_in_the_environment_is_found(string planted, string key) =>
        Assert.Contains($"ordering-1 {key}", InlineSecrets(With("Shop__Instance: ordering-1", $"Shop__Instance: ordering-1\n      {planted}")));

    [Fact]
    public void PostgreSQL_has_the_settings_of_the_cluster()
    {
        // Where it listens is the container's own affair.
        var cluster = Model[PostgresServer.Name].Command.Where(part => part.Contains('=') && !part.Contains("listen_addresses") && !part.Contains("unix_socket"));

        Assert.Equal(cluster, File.Services["postgres"].Command.Skip(1).Select(part => part[2..]));
    }

    [Fact]
    public void Nginx_has_the_configuration_of_the_cluster()
    {
        var ports = Model.Connections.Ports;
        var cluster = FileOf("nginx", "nginx.conf")
            .Replace($"server 127.0.0.1:{ports.Gateway(1)}", "server gateway-1:8080", StringComparison.Ordinal)
            .Replace($"server 127.0.0.1:{ports.Gateway(2)}", "server gateway-2:8080", StringComparison.Ordinal)
            .Replace($"listen 127.0.0.1:{ports.Public}", "listen 8080", StringComparison.Ordinal)
            .Replace($"        proxy_bind {NginxServer.Source};\n", "", StringComparison.Ordinal)
            .Replace($"listen 127.0.0.1:{ports.NginxStatus}", "listen 127.0.0.1:8089", StringComparison.Ordinal);

        Assert.Equal(cluster.Trim(), Config("nginx.conf").Trim());
    }

    [Fact]
    public void Consul_has_the_configuration_and_the_rules_of_the_cluster()
    {
        Assert.Equal(ConsulAccess.Rules.Trim(), Config("consul-services.hcl").Trim());
        var cluster = JsonNode.Parse(FileOf("consul-1", "consul.json"))!.AsObject();
        var compose = JsonNode.Parse(Config("consul.json"))!.AsObject();
        var secret = JsonNode.Parse(_secrets.Read(File.Secrets["consul.json"]))!.AsObject();

        // Names and addresses are the container's own; the ports stay Consul's.
        string[] same = ["datacenter", "server", "bootstrap_expect", "retry_interval", "performance", "leave_on_terminate", "skip_leave_on_interrupt", "disable_update_check"];
        Assert.All(same, key => Assert.Equal(cluster[key]!.ToJsonString(), compose[key]!.ToJsonString()));
        Assert.Equal("deny", (string?)compose["acl"]!["default_policy"]);
        Assert.True((bool)compose["acl"]!["enabled"]!);
        Assert.Equal(cluster["acl"]!["tokens"]!.AsObject().Select(token => token.Key), secret["acl"]!["tokens"]!.AsObject().Select(token => token.Key));
        Assert.NotNull(secret["encrypt"]);
    }

    [Fact]
    public void Redis_keeps_what_it_keeps_in_the_cluster()
    {
        Assert.All(new[] { "redis", "redis-lock-1", "redis-lock-2", "redis-lock-3" }, name =>
        {
            var arguments = string.Join(' ', File.Services[name].Command).Replace(" --", "\n", StringComparison.Ordinal).Split('\n');
            string[] own = ["bind", "port", "requirepass", "daemonize", "save"];
            var cluster = FileOf(name, "redis.conf").Split('\n').Where(line => line.Length > 0 && !own.Contains(line.Split(' ')[0]));
            Assert.Subset(arguments.ToHashSet(), cluster.ToHashSet());
        });
    }

    [Fact]
    public void RabbitMQ_lets_each_user_do_what_it_may_do_in_the_cluster()
    {
        var cluster = JsonNode.Parse(FileOf("rabbitmq", "definitions.json"))!;
        var compose = JsonNode.Parse(_secrets.Read(File.Secrets["rabbitmq.definitions.json"]))!;

        Assert.Equal(cluster["vhosts"]!.ToJsonString(), compose["vhosts"]!.ToJsonString());
        Assert.Equal(cluster["policies"]!.ToJsonString(), compose["policies"]!.ToJsonString());
        Assert.Equal(Users(cluster), Users(compose));
        foreach (var (expected, actual) in cluster["permissions"]!.AsArray().Zip(compose["permissions"]!.AsArray()))
        {
            Assert.Equal((string?)expected!["user"], (string?)actual!["user"]);
            foreach (var queue in new[] { "ordering", "shop.inventory", "payments_error", "inventory", "paymentsx", "amq.topic", "Shop.Contracts.Messages:Message" })
            {
                Assert.All(new[] { "configure", "write", "read" }, right => Assert.Equal(
                    Regex.IsMatch(queue, (string)expected[right]!), Regex.IsMatch(queue, (string)actual[right]!)));
            }
        }

        static IEnumerable<string?> Users(JsonNode definitions) => definitions["users"]!.AsArray().Select(user => (string?)user!["name"]);
    }

    [Fact]
    public async Task A_password_hash_of_RabbitMQ_is_that_of_the_password_that_the_service_gets()
    {
        var definitions = JsonNode.Parse(_secrets.Read(File.Secrets["rabbitmq.definitions.json"]))!;

        Assert.All(definitions["users"]!.AsArray(), user =>
        {
            var stored = Convert.FromBase64String((string)user!["password_hash"]!);
            var password = _secrets.Read(File.Secrets[$"{user["name"]}.messaging"]);
            Assert.Equal(System.Security.Cryptography.SHA256.HashData([.. stored[..4], .. System.Text.Encoding.UTF8.GetBytes(password)]), stored[4..]);
        });

        // A second run changes nothing: the volumes know the first one's.
        var before = _secrets.Read(File.Secrets["operator.key"]);
        await _secrets.CreateAsync();
        Assert.Equal(before, _secrets.Read(File.Secrets["operator.key"]));
    }

    [Fact]
    public void Every_secret_of_the_file_is_made_and_no_other()
    {
        Assert.Equal(File.Secrets.Values.Select(Path.GetFileName).Order(StringComparer.Ordinal), _secrets.Names);
        Assert.Equal(File.Secrets.Keys.Order(StringComparer.Ordinal), File.Services.Values.SelectMany(service => service.Secrets.Values).Distinct().Order(StringComparer.Ordinal));
        Assert.Contains("*\n", Repository.Read("secrets/.gitignore"), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_application_is_built_from_its_project_by_the_one_Dockerfile()
    {
        foreach (var kind in AppKind.All)
        {
            var arguments = File.Services[kind.Name(1)].BuildArguments;
            Assert.Equal(kind.Project, arguments["ASSEMBLY"]);
            Assert.True(Path.Exists(Path.Combine(Repository.Root, arguments["PROJECT"], $"{kind.Project}.csproj")), arguments["PROJECT"]);
        }

        Assert.Contains("\nUSER 1654:1654\n", Repository.Read("Dockerfile"), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_volume_has_one_owner() => Assert.Equal(
        File.Volumes.Order(StringComparer.Ordinal),
        File.Services.Values.SelectMany(service => service.Volumes).Select(volume => volume.Split(':')[0]).Order(StringComparer.Ordinal));

    [Fact]
    public void Nobody_but_nginx_and_the_gateways_has_a_way_out() => Assert.Equal(
        ["gateway-1", "gateway-2", "nginx"],
        File.Services.Values.Where(service => service.Networks.Contains("edge")).Select(service => service.Name).Order(StringComparer.Ordinal));

    private static ComposeFile With(string text, string planted)
    {
        var original = Repository.Read("docker-compose.yml");
        Assert.Contains(text, original, StringComparison.Ordinal);
        return ComposeFile.Parse(original.Replace(text, planted, StringComparison.Ordinal), Repository.Read(".env"));
    }

    private static IEnumerable<string> Unpinned(ComposeFile file) =>
        from service in file.Services.Values
        where !Version().IsMatch(service["image"] ?? "")
        select $"{service.Name} {service["image"]}";

    private static IEnumerable<string> Uncontained(ComposeFile file) =>
        from service in file.Services.Values
        where service["user"] is null || Root().IsMatch(service["user"]!) || service["read_only"] != "true" || service["privileged"] is not null
            || !service.Dropped.SequenceEqual(["ALL"])
        select service.Name;

    private static IEnumerable<string> Published(ComposeFile file) => file.Services.Values.SelectMany(service => service.Ports.Select(port => $"{service.Name} {port}"));

    private static IEnumerable<string> WeakWaits(ComposeFile file) =>
        from service in file.Services.Values
        from wait in service.DependsOn
        where wait.Value != (file.Services[wait.Key].IsJob ? "service_completed_successfully" : "service_healthy")
        select $"{service.Name} {wait.Key} {wait.Value}";

    // By name, or by looking like one.
    private static IEnumerable<string> InlineSecrets(ComposeFile file) =>
        from service in file.Services.Values
        from setting in service.Environment
        where (SecretKey().IsMatch(setting.Key) && !setting.Value.StartsWith("/run/secrets/", StringComparison.Ordinal)) || Masked(setting.Value) != setting.Value
        select $"{service.Name} {setting.Key}";

    private static HashSet<string> Before(string name)
    {
        var all = new HashSet<string>();
        Add(name);
        return all;

        void Add(string of)
        {
            foreach (var other in File.Services[of].DependsOn.Keys.Where(all.Add))
            {
                Add(other);
            }
        }
    }

    // A value of the cluster as it must be in containers: the same, with the name and the usual port of each process in place of a port on loopback.
    private static string InContainers(string name, KeyValuePair<string, string> setting)
    {
        var (key, value) = setting;
        return key switch
        {
            "RabbitMq__Host" => "rabbitmq",
            "RabbitMq__Port" => "5672",
            "Consul__Host" => Owner(Model[name].Environment["Consul__Port"]),
            "Consul__Port" => "8500",
            "Consul__Discovery__HostName" => name,
            "Consul__Discovery__Port" => "8080",
            "AllowedHosts" => $"{value};gateway-1;gateway-2", // Consul asks for their health by these names
            "Proxy__TrustedProxies__0" => NginxAddress().Match(Repository.Read(".env")).Value,
            "Database__ConnectionString" => Masked(value.Replace($"Host=127.0.0.1;Port={Model.Connections.Ports.Postgres}", "Host=postgres;Port=5432", StringComparison.Ordinal)),
            _ => Masked(Address().Replace(value, match => $"{Owner(match.Groups["port"].Value)}:{(value.StartsWith("http", StringComparison.Ordinal) ? 8080 : 6379)}")),
        };

        static string Owner(string port) => Model.Processes.Single(process => process.Ports.Any(use => $"{use.Port}" == port)).Name;
    }

    private static string Masked(string value) => RandomValue().Replace(value, "***");

    private static string FileOf(string process, string name) => Model[process].Files.Single(file => file.Name == name).Content;

    private static string Config(string name) => Repository.Read(File.Configs[name]);

    [GeneratedRegex(@"^[\w./-]+:(?!latest)\d[\w.-]*$")]
    private static partial Regex Version();

    [GeneratedRegex("(?<=^NGINX_ADDRESS=).*$", RegexOptions.Multiline)]
    private static partial Regex NginxAddress();

    [GeneratedRegex("^(root|0)(:|$)")]
    private static partial Regex Root();

    [GeneratedRegex("password|secret(?!s__directory)|token|key|connectionstring", RegexOptions.IgnoreCase)]
    private static partial Regex SecretKey();

    // 256 bits in hexadecimal or base64, or a UUID.
    [GeneratedRegex("[0-9a-f]{64}|[A-Za-z0-9+/]{43}=|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex RandomValue();

    [GeneratedRegex(@"127\.0\.0\.1:(?<port>\d+)")]
    private static partial Regex Address();
}
