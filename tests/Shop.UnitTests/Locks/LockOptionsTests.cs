using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Locks;

namespace Shop.UnitTests.Locks;

public sealed class LockOptionsTests
{
    private const string Sqlite = "";
    private const string Postgres = "Database:Provider=Postgres|Database:ConnectionString=Host=db|";
    private const string Nodes = "Locks:Nodes:0=a:1|Locks:Nodes:1=b:1|Locks:Nodes:2=c:1|";

    [Theory]
    [InlineData(Sqlite, "process")]
    [InlineData(Sqlite + Nodes, "process")]
    [InlineData(Postgres, "postgres-advisory")]
    [InlineData(Postgres + Nodes, "redlock")]
    [InlineData(Postgres + Nodes + "Locks:Provider=postgres-row", "postgres-row")]
    [InlineData(Postgres + "Consul:Host=c|Locks:Provider=consul", "consul")]
    public void What_is_left_out_follows_from_the_database_and_the_nodes(string settings, string provider) => Assert.Equal(provider, Read(settings).Provider);

    [Theory]
    [InlineData("Locks:Provider=zookeeper", "Locks:Provider=zookeeper: one of process, redlock, postgres-advisory, postgres-row, consul.")]
    [InlineData(Postgres + "Locks:Provider=process", "Locks:Provider=process excludes no other process, and this database has several.")]
    [InlineData("Locks:Provider=postgres-row", "Locks:Provider=postgres-row needs Database:Provider=Postgres.")]
    [InlineData("Locks:Provider=consul", "Locks:Provider=consul needs Consul:Host.")]
    [InlineData("Locks:Provider=consul|Consul:Host=c|Locks:TimeToLive=00:00:05", "Locks:TimeToLive must be at least 00:00:10 with Consul, which keeps no shorter session.")]
    [InlineData("Locks:Provider=redlock", "Locks:Nodes must name 3, 5 or another odd number of independent servers, not 0.")]
    [InlineData(Nodes + "Locks:Provider=redlock|Locks:Nodes:3=d:1", "Locks:Nodes must name 3, 5 or another odd number of independent servers, not 4.")]
    [InlineData(Nodes + "Locks:Provider=redlock|Locks:Nodes:2=a:1", "Locks:Nodes:2 is a:1 again: a server has one vote.")]
    [InlineData(Nodes + "Locks:Provider=redlock|Locks:Nodes:2=c:1,nonsense=1,password=secret", "Locks:Nodes:2 cannot be read: one server, as host:port,password=..")]
    [InlineData("Locks:MaxHold=00:00:05", "Locks:MaxHold must be no shorter than TimeToLive.")]
    [InlineData("Locks:TimeToLive=00:00:00.1", "TimeToLive")]
    [InlineData("Locks:RetryDelay=00:00:00", "RetryDelay")]
    public void What_excludes_nobody_or_has_no_servers_is_refused(string settings, string message)
    {
        var refused = Assert.Throws<OptionsValidationException>(() => Read(settings));

        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_key_of_a_lock_has_the_prefix_and_is_of_bounded_length()
    {
        var options = new LockOptions();

        Assert.Equal("shop/locks/sku", options.KeyOf("sku"));
        Assert.Throws<ArgumentOutOfRangeException>(() => options.KeyOf(""));
        Assert.Throws<ArgumentOutOfRangeException>(() => options.KeyOf(new string('x', LockOptions.MaxResourceLength + 1)));
    }

    private static LockOptions Read(string settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        foreach (var setting in settings.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            builder.Configuration[setting.Split('=', 2)[0]] = setting.Split('=', 2)[1]; // the last one counts
        }

        builder.AddLocks();
        using var host = builder.Build();
        return host.Services.GetRequiredService<IOptions<LockOptions>>().Value;
    }
}
