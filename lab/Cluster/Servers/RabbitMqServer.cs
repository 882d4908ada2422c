using Shop.Contracts;
using Shop.Lab.Cluster.Model;
using Shop.Lab.Cluster.Probes;

namespace Shop.Lab.Cluster.Servers;

/// <summary>One RabbitMQ node with a name server (epmd) of its own, so that it meets no other Erlang program of the machine.</summary>
internal static class RabbitMqServer
{
    public const string Name = "rabbitmq";
    public const string EpmdName = "epmd";
    public const string VirtualHost = "shop";

    public static ProcessSpec CreateEpmd(ClusterDirectory directory, PortPlan ports, Binaries binaries) => new()
    {
        Name = EpmdName,
        Part = ClusterParts.RabbitMq,
        Command = [binaries.Epmd, "-port", $"{ports.Epmd}", "-address", "127.0.0.1"],
        Ports = [new PortUse("epmd", ports.Epmd)],
        Directory = directory.Of(EpmdName),
        Readiness = new TcpProbe(ports.Epmd),
    };

    public static ProcessSpec Create(ClusterDirectory directory, PortPlan ports, ClusterSecrets secrets, Binaries binaries)
    {
        var own = directory.Of(Name);
        return new ProcessSpec
        {
            Name = Name,
            Part = ClusterParts.RabbitMq,
            Command = [binaries.RabbitMq],
            Environment = Environment(own, ports),
            Ports = [new PortUse("amqp", ports.RabbitMq), new PortUse("erlang", ports.ErlangDistribution)],
            Directory = own,
            Files =
            [
                new ConfigFile("rabbitmq.conf", $"""
                    listeners.tcp.1 = 127.0.0.1:{ports.RabbitMq}
                    load_definitions = {own}/definitions.json
                    vm_memory_high_watermark.relative = 0.3
                    disk_free_limit.absolute = 100MB
                    log.console.level = info
                    """),
                new ConfigFile("definitions.json", RabbitMqDefinitions.Write(secrets)),
                new ConfigFile("enabled_plugins", "[].\n"),
                new ConfigFile(".erlang.cookie", secrets.ErlangCookie),
            ],
            DependsOn = [EpmdName],
            Readiness = new AmqpProbe(ports.RabbitMq, VirtualHost, ServiceNames.Ordering, secrets.Messaging[ServiceNames.Ordering]),
        };
    }

    private static Dictionary<string, string> Environment(string own, PortPlan ports) => new()
    {
        ["HOME"] = own,
        ["RABBITMQ_NODENAME"] = "shop@localhost",
        ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_NODE_PORT"] = $"{ports.RabbitMq}",
        ["RABBITMQ_DIST_PORT"] = $"{ports.ErlangDistribution}",
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        ["ERL_EPMD_PORT"] = $"{ports.Epmd}",
        ["RABBITMQ_MNESIA_BASE"] = $"{own}/mnesia",
        ["RABBITMQ_LOG_BASE"] = $"{own}/log",
        ["RABBITMQ_LOGS"] = "-",
        ["RABBITMQ_GENERATED_CONFIG_DIR"] = $"{own}/config",
        ["RABBITMQ_CONFIG_FILE"] = $"{own}/rabbitmq.conf",
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = $"{own}/enabled_plugins",

        // The machine's own settings stay out of it.
        ["RABBITMQ_CONF_ENV_FILE"] = $"{own}/none.conf",
        ["RABBITMQ_ADVANCED_CONFIG_FILE"] = $"{own}/none.config",

        // As under systemd the script becomes the node: no shell in between that would be killed in its place.
        ["RUNNING_UNDER_SYSTEMD"] = "true",

        // Distribution on loopback only; schedulers that wait do not spin, because the cores are shared with everything else.
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none",
    };
}
