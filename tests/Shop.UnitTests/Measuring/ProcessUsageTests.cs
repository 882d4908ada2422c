using Shop.Lab.Measuring;

namespace Shop.UnitTests.Measuring;

public sealed class ProcessUsageTests
{
    private const string Stat = "100 (a) b) S 1 100 100 0 -1 4194560 1 2 3 4 150 50 20 30 20 0 5 0 5000 1 2";

    [Fact]
    public void The_time_is_its_own_and_that_of_children_that_have_ended() =>
        Assert.Equal(TimeSpan.FromSeconds(2.5), ProcessUsage.Parse(Stat, "900 300 100 1 0 200 0").Cpu);

    [Fact]
    public void What_others_have_in_memory_too_is_not_its_own() =>
        Assert.Equal(200 * Environment.SystemPageSize, ProcessUsage.Parse(Stat, "900 300 100 1 0 200 0").PrivateBytes);

    [Fact]
    public void Several_are_added_up()
    {
        var one = ProcessUsage.Parse(Stat, "900 300 100 1 0 200 0");
        Assert.Equal(new ProcessUsage(TimeSpan.FromSeconds(5), 400 * Environment.SystemPageSize), one + one);
    }

    [Theory]
    [InlineData("", "900 300 100")]
    [InlineData(Stat, "")]
    public void A_process_that_is_gone_uses_nothing(string stat, string statm) => Assert.Equal(default, ProcessUsage.Parse(stat, statm));

    [Fact]
    public void This_process_uses_some() => Assert.True(ProcessUsage.Read(Environment.ProcessId) is { Cpu.Ticks: > 0, PrivateBytes: > 0 });
}
