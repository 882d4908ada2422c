using System.Diagnostics;
using Shop.Lab.Cluster.Model;

namespace Shop.Lab.Cluster.Processes;

/// <summary>Starts a process that outlives this one.</summary>
internal static class Launcher
{
    // The process writes its own pid file before it becomes the server: whenever this program is killed, either the file is there or the
    // process is not. -C: the file must not exist, so that of two launches one wins. Only the three standard descriptors are passed on, and no
    // terminal: setsid makes a session of its own, out of reach of Ctrl+C.
    private const string Script = """
        umask 077
        pid_file=$1 log=$2 directory=$3
        shift 3
        exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- </dev/null >>"$log" 2>&1
        cd "$directory" || exit 1
        read -r boot </proc/sys/kernel/random/boot_id
        read -r stat </proc/$$/stat
        start_of() { start=${22}; }
        start_of $stat
        set -C
        echo "$$ $start $boot" >"$pid_file" || exit 1
        exec setsid "$@"
        """;

    // Everything else that the caller has in its environment stays outside: what a process gets is what the model says.
    private static readonly string[] Inherited = ["PATH", "HOME", "LANG", "TMPDIR", "TZ", "DOTNET_ROOT"];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(5);

    public static async Task<ProcessIdentity> StartAsync(
        ProcessSpec spec, ClusterDirectory directory, IReadOnlyDictionary<string, string> extra, CancellationToken cancellationToken)
    {
        var command = await RunAs.WrapAsync(spec.RunAs, spec.Directory, spec.Command, cancellationToken);
        var pidFile = directory.PidFile(spec.Name);
        var start = new ProcessStartInfo("/bin/sh", ["-c", Script, "sh", pidFile, directory.Log(spec.Name), spec.Directory, .. command]);
        SetEnvironment(start, spec.Environment, extra);

        using var process = Process.Start(start) ?? throw new ClusterException("cannot start /bin/sh");
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            if (ProcessIdentity.Read(pidFile) is { } identity && identity.Id == process.Id)
            {
                return identity;
            }

            if (process.HasExited || Stopwatch.GetElapsedTime(started) > Patience)
            {
                throw new ClusterException($"{spec.Name} did not start: see {directory.Log(spec.Name)}");
            }

            // Not given up half-way: the process is about to exist, and its file with it.
            await Task.Delay(PollInterval, CancellationToken.None);
        }
    }

    private static void SetEnvironment(ProcessStartInfo start, params IReadOnlyDictionary<string, string>[] layers)
    {
        var inherited = Inherited.Where(start.Environment.ContainsKey).ToDictionary(name => name, name => start.Environment[name]);
        start.Environment.Clear();
        foreach (var (name, value) in inherited)
        {
            start.Environment[name] = value;
        }

        foreach (var (name, value) in layers.SelectMany(layer => layer))
        {
            start.Environment[name] = value;
        }
    }
}
