namespace Shop.IntegrationTests.Storage;

/// <summary>The tests that need PostgreSQL and nothing else share one.</summary>
[CollectionDefinition(Name)]
public sealed class PostgresCollection : ICollectionFixture<PostgresFixture>
{
    public const string Name = "postgres";
}
