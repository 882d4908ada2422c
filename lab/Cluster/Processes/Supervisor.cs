using System.Net.Sockets;
using Shop.Lab.Cluster.Model;
using Shop.Lab.Cluster.Probes;

namespace Shop.Lab.Cluster.Processes;

/// <summary>Starts, finds and ends the processes of one cluster. It keeps nothing in memory: the pid files say what runs.</summary>
internal sealed class Supervisor(ClusterDirectory directory, TimeProvider clock)
{
    private static readonly TimeSpan FreezePatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan KillPatience = TimeSpan.FromSeconds(60); // a process that waits for its disk dies afterwards
    private static readonly TimeSpan ReadyPatience = TimeSpan.FromMinutes(3); // whoever ends is found out at once: this is for machines that are very busy
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(100);
    private static readonly Dictionary<string, string> Nothing = [];

    /// <summary>The process, if the one that was started is still there.</summary>
    public ProcessRow? Find(ProcessSpec spec) => ProcessIdentity.Read(directory.PidFile(spec.Name)) is { } identity ? identity.Find() : null;

    /// <summary>The process and all that belongs to it, also when it is gone itself.</summary>
    public IReadOnlyList<ProcessRow> Members(ProcessSpec spec) => Members(spec, ProcessTable.Now());

    public IReadOnlyList<ProcessRow> Members(ProcessSpec spec, ProcessTable table) => table.MembersOf(
        ProcessIdentity.Read(directory.PidFile(spec.Name)), spec.Directory, ProgramOf(spec));

    /// <summary>Starts what does not run, after clearing away what an earlier one left behind.</summary>
    public async Task LaunchAsync(ProcessSpec spec, IReadOnlyDictionary<string, string>? extra, CancellationToken cancellationToken)
    {
        await EndAsync(spec, Signal.Kill, KillPatience);
        File.Delete(directory.PidFile(spec.Name));
        CheckPorts(spec);

        Directory.CreateDirectory(spec.Directory);
        foreach (var file in spec.Files)
        {
            ClusterDirectory.WriteText(Path.Combine(spec.Directory, file.Name), file.Content);
        }

        await RunAs.OwnAsync(spec.RunAs, spec.Directory, cancellationToken);
        if (spec.Prepare is { } prepare)
        {
            await prepare(cancellationToken);
        }

        await Launcher.StartAsync(spec, directory, extra ?? Nothing, cancellationToken);
    }

    /// <exception cref="ClusterException">It ended, or did not serve in time.</exception>
    public async Task WaitUntilReadyAsync(ProcessSpec spec, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (await spec.Readiness.CheckAsync(cancellationToken) is { IsReady: false } answer)
        {
            if (Find(spec) is null)
            {
                throw new ClusterException($"{spec.Name} ended at its start: {LastLogLine(spec)}");
            }

            if (clock.GetElapsedTime(started) > ReadyPatience)
            {
                throw new ClusterException($"{spec.Name} is not ready after {ReadyPatience.TotalSeconds:0} s: {answer.Reason} (log: {directory.Log(spec.Name)})");
            }

            await Task.Delay(ProbeInterval, clock, cancellationToken);
        }
    }

    /// <summary>Asks it to end, and ends it when it does not.</summary>
    public async Task StopAsync(ProcessSpec spec)
    {
        if (!await EndAsync(spec, spec.StopSignal, spec.StopPatience) && !await EndAsync(spec, Signal.Kill, KillPatience))
        {
            throw new ClusterException($"{spec.Name} cannot be ended: {string.Join(", ", Members(spec).Select(row => row.Id))}");
        }

        File.Delete(directory.PidFile(spec.Name));
    }

    /// <summary>Sends a signal; after SIGKILL it returns when nothing is left of the process, after SIGSTOP when all of it stands still.</summary>
    public async Task SignalAsync(ProcessSpec spec, Signal signal)
    {
        if (signal == Signal.Kill)
        {
            await EndAsync(spec, signal, KillPatience);
            return;
        }

        Send(signal, Find(spec)?.Id, Members(spec));

        // A server may start a process while the others are being stopped: PostgreSQL one for each connection.
        var started = clock.GetTimestamp();
        while (signal == Signal.Stop && Members(spec).Where(row => !row.IsStopped).ToList() is { Count: > 0 } missed)
        {
            if (clock.GetElapsedTime(started) > FreezePatience)
            {
                throw new ClusterException($"{spec.Name} cannot be frozen: {string.Join(", ", missed.Select(row => row.Id))}");
            }

            Send(signal, null, missed);
            await Task.Delay(PollInterval, clock);
        }
    }

    /// <exception cref="ClusterException">Somebody else listens there.</exception>
    public static void CheckPorts(ProcessSpec spec)
    {
        foreach (var use in spec.Ports)
        {
            try
            {
                Loopback.CheckIsFree(use.Port);
            }
            catch (SocketException exception)
            {
                throw new ClusterException($"port {use.Port} ({spec.Name}, {use.Protocol}) is taken by another program: choose other ports with --port", exception);
            }
        }
    }

    private async Task<bool> EndAsync(ProcessSpec spec, Signal signal, TimeSpan patience)
    {
        var started = clock.GetTimestamp();
        var asked = false;
        while (Members(spec) is { Count: > 0 } members)
        {
            if (clock.GetElapsedTime(started) > patience)
            {
                return false;
            }

            if (!asked || signal == Signal.Kill)
            {
                asked = true;
                Send(signal, Find(spec)?.Id, members);

                // A frozen process gets its signal when it runs again.
                Send(Signal.Continue, null, members);
            }

            await Task.Delay(PollInterval, clock);
        }

        return true;
    }

    // Without a leader there is nobody to tell the others: each gets the signal.
    private static void Send(Signal signal, int? leader, IReadOnlyList<ProcessRow> members)
    {
        if (leader is { } id && !signal.IsForAll)
        {
            signal.Send(id);
            return;
        }

        foreach (var member in members)
        {
            signal.Send(member.Id);
        }
    }

    // Of a .NET exception the message, not the last line of its stack.
    private string LastLogLine(ProcessSpec spec)
    {
        var log = directory.Log(spec.Name);
        var line = File.Exists(log)
            ? File.ReadLines(log).Select(text => text.Trim()).LastOrDefault(text => text.Length > 0 && !text.StartsWith("at ", StringComparison.Ordinal))
            : null;
        return line is null ? $"see {log}" : $"{line} (log: {log})";
    }

    private static string ProgramOf(ProcessSpec spec) =>
        File.Exists(spec.Command[0]) ? File.ResolveLinkTarget(spec.Command[0], returnFinalTarget: true)?.FullName ?? spec.Command[0] : spec.Command[0];
}
