using System.Globalization;
using Shop.IntegrationTests.Support;
using Shop.Lab.Faults;

namespace Shop.IntegrationTests.Discovery;

/// <summary>The way of one process to Consul, which can be cut for it alone.</summary>
internal sealed class ConsulLink : IAsyncDisposable
{
    private readonly FaultProxy _proxy;
    private readonly Target _target;

    private ConsulLink(FaultProxy proxy, Target target) => (_proxy, _target) = (proxy, target);

    public string Port => _proxy.Port.ToString(CultureInfo.InvariantCulture);

    public static async Task<ConsulLink> OpenAsync(string port)
    {
        var target = new Target(int.Parse(port, CultureInfo.InvariantCulture));
        await target.LookAsync();
        return new ConsulLink(new FaultProxy(Ports.Free(1), target, TimeProvider.System, seed: 1), target);
    }

    /// <summary>A link refuses what its target would refuse, as far as it has looked.</summary>
    public Task LookAsync() => _target.LookAsync();

    public void Cut() => _proxy.Set(new LinkFaults { Cut = true });

    public void Heal() => _proxy.Set(LinkFaults.None);

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();
}
