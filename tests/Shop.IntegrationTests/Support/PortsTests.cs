using PortRange = Shop.IntegrationTests.Support.Ports.PortRange;

namespace Shop.IntegrationTests.Support;

/// <summary>A test that gets a port which an outgoing connection may take fails once in a hundred runs: the ports stay in their range.</summary>
public sealed class PortsTests
{
    [Fact]
    public void Ports_go_round_within_their_range()
    {
        var range = new PortRange(10_000, 10_009, start: 6);

        Assert.Equal([10_006, 10_000, 10_004, 10_000], Enumerable.Range(0, 4).Select(_ => range.Take(4, _ => true)));
    }

    [Fact]
    public void A_port_in_use_is_passed_over()
    {
        var range = new PortRange(10_000, 10_009, start: 0);

        Assert.Equal(10_003, range.Take(4, port => port is not 10_002));
        Assert.Throws<InvalidOperationException>(() => range.Take(4, port => port % 3 is not 0));
    }

    [Theory]
    [InlineData(32_768, 60_999, 10_000, 32_767)]
    [InlineData(10_500, 50_000, 50_001, 65_535)]
    [InlineData(1_024, 65_535, 10_000, 65_535)]
    public void No_port_of_an_outgoing_connection_is_given(int outgoingFirst, int outgoingLast, int first, int last)
    {
        foreach (var seed in (int[])[1, 32_767, 4_194_303])
        {
            var range = PortRange.Beside((outgoingFirst, outgoingLast), seed);

            Assert.All(Enumerable.Range(0, 400).Select(_ => range.Take(60, _ => true)), port => Assert.InRange(port, first, last - 59));
        }
    }
}
