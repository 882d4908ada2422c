using System.Diagnostics;
using Shop.IntegrationTests.Support;
using Shop.Lab.Cluster;
using Shop.Lab.Cluster.Processes;

namespace Shop.IntegrationTests.Cluster;

/// <summary>Real servers for tests, in directories and on ports of their own. A machine that lacks them gets them; where it cannot, tests fail.</summary>
internal static class Servers
{
    private static readonly Lazy<Task> Installed = new(InstallAsync);

    public static async Task<ShopCluster> UpAsync(
        string directory, ClusterParts parts, int? port = null, IReadOnlyDictionary<string, string>? settings = null,
        Func<ClusterOptions, ClusterOptions>? change = null)
    {
        await Installed.Value;
        var options = new ClusterOptions { Parts = parts, AppSettings = settings ?? new Dictionary<string, string>() };
        options = change?.Invoke(options) ?? options;
        return await ShopCluster.UpAsync(options with { Port = port ?? Ports.Free(options.PortCount) }, new UpRequest { Directory = directory, Build = false });
    }

    /// <summary>The command as a user gives it, in a process of its own.</summary>
    public static async Task<Process> CommandAsync(params string[] arguments)
    {
        await Installed.Value;
        return Process.Start(new ProcessStartInfo("dotnet", [typeof(ShopCluster).Assembly.Location, "cluster", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
    }

    /// <summary>All that works in this directory, by what the kernel says and not by what the cluster believes.</summary>
    public static IReadOnlyList<string> Running(string directory) => Processes((place, _) => IsIn(place, directory));

    /// <summary>And also what works elsewhere with this directory on its command line, such as a tool that prepares a server.</summary>
    public static IReadOnlyList<string> Left(string directory) =>
        Processes((place, command) => IsIn(place, directory) || command.Contains(directory, StringComparison.Ordinal));

    private static bool IsIn(string place, string directory) => place == directory || place.StartsWith($"{directory}/", StringComparison.Ordinal);

    private static List<string> Processes(Func<string, string, bool> matches)
    {
        var found = new List<string>();
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            try
            {
                var place = new FileInfo(Path.Combine(process, "cwd")).LinkTarget ?? "";
                var command = File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
                if (matches(place, command))
                {
                    found.Add($"{Path.GetFileName(process)} in {place}: {command}");
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It ended, or belongs to somebody else.
            }
        }

        return found;
    }

    private static async Task InstallAsync()
    {
        var script = Path.Combine(Shop.Lab.Cluster.Apps.SourceTree.Find().Root, "tests", "install-servers.sh");
        var (exitCode, output) = await CommandLine.TryAsync(["bash", script], null, null, CancellationToken.None);
        Assert.True(exitCode == 0, output);
    }
}
