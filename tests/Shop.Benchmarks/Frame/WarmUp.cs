using System.Globalization;

namespace Shop.Benchmarks.Frame;

/// <summary>A process that is new compiles what it runs, and compiles it again when it knows more: it goes on until it gets no faster.</summary>
internal static class WarmUp
{
    private const double Gain = 1.05;

    // After which whoever still gets faster counts as warm in any case.
    private const int MostTurns = 60;

    /// <returns>The most that it reached in one turn.</returns>
    public static async Task<double> RunAsync(Workbench bench, string contest, string unit, Contender contender, CancellationToken cancellationToken)
    {
        var duration = bench.Options.WarmUp;
        var (best, without) = (0.0, 0);
        var turn = 0;
        do
        {
            await contender.LayOutAsync(duration, cancellationToken);
            var sample = await contender.RunAsync(duration, cancellationToken);
            bench.Tell(string.Create(CultureInfo.InvariantCulture, $"{contest}: {contender.Name} warms up: {sample.PerSecond:N0} {unit}/s"));
            if (contender.VerifyAsync is { } verify && await verify(sample, cancellationToken) is { } violation)
            {
                bench.Tell($"{contest}: {contender.Name} has violated something while it warmed up: {violation}");
            }

            without = sample.PerSecond < best * Gain ? without + 1 : 0;
            best = Math.Max(best, sample.PerSecond);
        }
        while (++turn < MostTurns && without < contender.SettlesAfter);
        return best;
    }
}
