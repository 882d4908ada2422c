using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Locks;
using Xunit.Abstractions;

namespace Shop.IntegrationTests.Locks;

public sealed class ProcessLockTests(ITestOutputHelper output) : LockConformance(output)
{
    private ProcessLocks? _only;

    // One process has one: what the tests take for several processes are its users.
    internal override ILocks Make(LockOptions options, TimeProvider clock) =>
        _only ??= new ProcessLocks(Options.Create(options), clock, NullLogger<ProcessLocks>.Instance);

    internal override ILocks SameWorld(ILocks locks) => locks;
}
