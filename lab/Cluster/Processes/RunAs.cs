namespace Shop.Lab.Cluster.Processes;

/// <summary>Runs a command as another user, when this one is root.</summary>
internal static class RunAs
{
    public static bool Applies(string? user) => user is not null && Environment.IsPrivilegedProcess;

    /// <summary>The command line that runs <paramref name="command"/> as <paramref name="user"/>, who has to reach <paramref name="directory"/>.</summary>
    public static async Task<IReadOnlyList<string>> WrapAsync(
        string? user, string directory, IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        if (!Applies(user))
        {
            return command;
        }

        string[] asUser = ["setpriv", $"--reuid={user}", $"--regid={user}", "--init-groups"];
        if (await CanEnterAsync(asUser, directory, cancellationToken))
        {
            return [.. asUser, .. command];
        }

        // Some directory above is closed to everybody else, as root's home is: the user may pass all the same.
        string[] withPassage = [.. asUser, "--inh-caps=+dac_override", "--ambient-caps=+dac_override"];
        return await CanEnterAsync(withPassage, directory, cancellationToken)
            ? [.. withPassage, .. command]
            : throw new ClusterException($"the user '{user}' cannot reach '{directory}': choose another directory with --directory");
    }

    /// <summary>Makes a directory theirs.</summary>
    public static async Task OwnAsync(string? user, string path, CancellationToken cancellationToken)
    {
        if (Applies(user))
        {
            await CommandLine.RunAsync(["chown", "-R", $"{user}:", path], cancellationToken);
        }
    }

    // By going there: access(2), which "test" asks, knows nothing of capabilities.
    private static async Task<bool> CanEnterAsync(string[] wrapper, string directory, CancellationToken cancellationToken) =>
        (await CommandLine.TryAsync([.. wrapper, "sh", "-c", "cd \"$1\"", "sh", directory], null, null, cancellationToken)).ExitCode == 0;
}
