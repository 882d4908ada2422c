using System.Collections.Frozen;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Shop.Lab.Cluster.Processes;

/// <summary>A signal by its Linux number.</summary>
internal readonly record struct Signal(string Name, int Number)
{
    private const int NoSuchProcess = 3;

    public static readonly Signal Hangup = new("HUP", 1);
    public static readonly Signal Interrupt = new("INT", 2);
    public static readonly Signal Quit = new("QUIT", 3);
    public static readonly Signal Kill = new("KILL", 9);
    public static readonly Signal User1 = new("USR1", 10);
    public static readonly Signal User2 = new("USR2", 12);
    public static readonly Signal Terminate = new("TERM", 15);
    public static readonly Signal Continue = new("CONT", 18);
    public static readonly Signal Stop = new("STOP", 19);

    private static readonly FrozenDictionary<string, Signal> ByName =
        new[] { Hangup, Interrupt, Quit, Kill, User1, User2, Terminate, Continue, Stop }
            .ToFrozenDictionary(signal => signal.Name, StringComparer.OrdinalIgnoreCase);

    public static IEnumerable<string> Names => ByName.Keys.Order(StringComparer.Ordinal);

    /// <summary>Whether the whole server has to get it: a machine that dies or freezes takes all of its processes with it.</summary>
    public bool IsForAll => this == Kill || this == Stop || this == Continue;

    /// <summary>By name, with or without <c>SIG</c> in front.</summary>
    /// <exception cref="ClusterException">No such signal.</exception>
    public static Signal Parse(string text) =>
        ByName.TryGetValue(text.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? text[3..] : text, out var signal)
            ? signal
            : throw new ClusterException($"no signal '{text}': one of {string.Join(", ", Names)}");

    /// <summary>Sends it; a process that is gone already needs nothing more.</summary>
    public void Send(int processId)
    {
        if (SendNative(processId, Number) != 0 && Marshal.GetLastPInvokeError() is var error && error != NoSuchProcess)
        {
            throw new ClusterException($"cannot send SIG{Name} to process {processId}: {new Win32Exception(error).Message}");
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int SendNative(int processId, int signal);
}
