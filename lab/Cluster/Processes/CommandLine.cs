using System.ComponentModel;
using System.Diagnostics;

namespace Shop.Lab.Cluster.Processes;

/// <summary>Runs a program to its end. Nothing of it is left when the caller gives up.</summary>
internal static class CommandLine
{
    /// <exception cref="ClusterException">It ended with another code than 0.</exception>
    public static async Task<string> RunAsync(
        IReadOnlyList<string> command, CancellationToken cancellationToken, IReadOnlyDictionary<string, string>? environment = null, string? input = null)
    {
        var (exitCode, output) = await TryAsync(command, environment, input, cancellationToken);
        return exitCode == 0 ? output : throw new ClusterException($"{Path.GetFileName(command[0])} failed: {LastLine(output)}");
    }

    public static async Task<(int ExitCode, string Output)> TryAsync(
        IReadOnlyList<string> command, IReadOnlyDictionary<string, string>? environment, string? input, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Start(start);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            process.StandardInput.Close();
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, await output + await errors);
        }
        catch (IOException) when (process.HasExited)
        {
            return (process.ExitCode, ""); // it did not want its input
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    public static string LastLine(string text) => text.TrimEnd().Split('\n')[^1].Trim();

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new ClusterException($"cannot start {start.FileName}");
        }
        catch (Win32Exception exception)
        {
            throw new ClusterException($"cannot start {start.FileName}: {exception.Message}", exception);
        }
    }
}
