using Shop.Lab.Measuring;

namespace Shop.UnitTests.Measuring;

public sealed class ProcessUsageTests
{
    [Theory]
    [InlineData("100 (a) b) S 1 100 100 0 -1 4194560 1 2 3 4 150 50 20 30 20 0 5 0 5000 1 2", 250)] // its own, and that of children that have ended
    [InlineData("", 0)]
    public void Processor_time_is_that_of_all_four_counters(string stat, long ticks) => Assert.Equal(ticks, ProcessUsage.ParseTicks(stat));

    [Theory]
    [InlineData("5581-7ffc ---p 00000000 00:00 0    [rollup]\nRss:      91234 kB\nPss:       1200 kB\nPss_Dirty:  800 kB\nPss_Shmem:  300 kB\nShared_Clean: 7 kB\n", 1_228_800, 307_200)]
    [InlineData("", 0, 0)]
    public void Memory_is_its_part_of_what_is_shared_and_all_of_what_is_not(string rollup, long bytes, long shared) =>
        Assert.Equal(new MemoryUse(bytes, shared), ProcessUsage.ParseMemory(rollup));

    [Fact]
    public void This_process_uses_some_and_one_that_is_gone_none()
    {
        Assert.True(ProcessUsage.Cpu([Environment.ProcessId]) > TimeSpan.Zero);
        Assert.True(ProcessUsage.Memory([Environment.ProcessId]).Bytes > 0);
        Assert.Equal((TimeSpan.Zero, default(MemoryUse)), (ProcessUsage.Cpu([int.MaxValue]), ProcessUsage.Memory([int.MaxValue])));
    }
}
