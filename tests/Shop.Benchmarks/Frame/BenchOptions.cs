namespace Shop.Benchmarks.Frame;

/// <param name="Round">How long one contender runs in one round; null as long as the row thinks fit.</param>
/// <param name="Port">The first port of the cluster.</param>
/// <param name="Settings">Configuration of every application, on top of what a row asks for: for a look at what a setting is worth.</param>
/// <param name="Only">Contests whose name does not hold this are left out; null leaves out none.</param>
/// <param name="Smoke">Tiny sizes, and nobody warms up: shows that a row works, and measures nothing.</param>
/// <param name="Directory">Where the cluster lives and the results go.</param>
internal sealed record BenchOptions(
    int Rounds,
    TimeSpan? Round,
    TimeSpan WarmUp,
    int Port,
    int Replicas,
    int Gateways,
    int Callers,
    IReadOnlyDictionary<string, string> Settings,
    string? Only,
    bool Smoke,
    string Directory,
    string CommandLine)
{
    public const int DefaultRounds = 5;

    public string Results(string name, string extension) => Path.Combine(Directory, $"{name}.{extension}");
}
