using Shop.BuildingBlocks.Sessions;

namespace Shop.IntegrationTests.Sessions;

public sealed class InProcessSessionStoreTests : SessionStoreConformance
{
    public InProcessSessionStoreTests() => Store = new InProcessSessionStore(Microsoft.Extensions.Options.Options.Create(Options), Clock);

    protected override ISessionStore Store { get; }
}
