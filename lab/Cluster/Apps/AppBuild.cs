using Shop.Lab.Cluster.Processes;
using Shop.Lab.Cluster.Servers;

namespace Shop.Lab.Cluster.Apps;

/// <summary>Builds the applications as they are deployed.</summary>
internal static class AppBuild
{
    // One project that references all four.
    private const string Project = "services/all-in-one";

    /// <exception cref="ClusterException">The build failed.</exception>
    public static async Task RunAsync(SourceTree source, Binaries binaries, string log, CancellationToken cancellationToken)
    {
        // No build server may stay behind: nothing of the cluster outlives its end.
        string[] build =
        [
            binaries.Dotnet, "build", Path.Combine(source.Root, Project), "--configuration", "Release", "--nologo", "--verbosity", "quiet",
            "-nodeReuse:false", "-p:UseSharedCompilation=false",
        ];
        var (exitCode, output) = await CommandLine.TryAsync(build, null, null, cancellationToken);
        await File.WriteAllTextAsync(log, output, cancellationToken);
        if (exitCode != 0)
        {
            var error = output.Split('\n').FirstOrDefault(line => line.Contains("error", StringComparison.Ordinal)) ?? CommandLine.LastLine(output);
            throw new ClusterException($"the build failed: {error.Trim()} (log: {log})");
        }
    }
}
