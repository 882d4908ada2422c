using Shop.Lab.Cluster.Processes;
using Shop.UnitTests.Support;

namespace Shop.UnitTests.Compose;

/// <summary>What <c>secrets/create.sh</c> makes, in a directory of its own.</summary>
public sealed class ComposeSecrets : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("shop-secrets-").FullName;

    public IEnumerable<string> Names => Directory.EnumerateFiles(_directory).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);

    public Task InitializeAsync() => CreateAsync();

    public async Task CreateAsync() => await CommandLine.RunAsync(["bash", Path.Combine(Repository.Root, "secrets/create.sh"), _directory], CancellationToken.None);

    public string Read(string file) => File.ReadAllText(Path.Combine(_directory, Path.GetFileName(file)));

    public Task DisposeAsync()
    {
        Directory.Delete(_directory, recursive: true);
        return Task.CompletedTask;
    }
}
