using System.Diagnostics;

namespace Shop.BuildingBlocks.Faults;

/// <summary>Named places between two writes where a test or the lab can kill the process, as power loss to this process would.</summary>
/// <remarks>
/// Off unless the environment variable <c>SHOP_CRASH_AT</c> names a point, optionally with the hit to die at: <c>relay.after-send:3</c>.
/// It kills with SIGKILL: no finally block runs and nothing is flushed. It does not empty the page cache, so it is no test of fsync.
/// </remarks>
public static class CrashPoint
{
    public const string Variable = "SHOP_CRASH_AT";

    /// <summary>The change and its outbox rows are committed; nothing has been sent.</summary>
    public const string AfterCommit = "outbox.after-commit";

    /// <summary>The receiver has confirmed; the sender's outbox rows are still there.</summary>
    public const string AfterSend = "relay.after-send";

    /// <summary>The receiver's effect is committed; the sender has not been told.</summary>
    public const string AfterEffect = "receiver.after-commit";

    /// <summary>The order is committed; its caller has not been answered.</summary>
    public const string AfterIntake = "intake.after-commit";

    /// <summary>A participant has committed what it was called for; its caller has not been told.</summary>
    public const string AfterCall = "call.after-commit";

    /// <summary>Participants have answered the coordinator's calls; it has recorded nothing of it.</summary>
    public const string AfterAnswers = "coordinator.after-answers";

    /// <summary>The coordinator's decision is durable; nobody has been told.</summary>
    public const string AfterDecision = "coordinator.after-decision";

    /// <summary>A branch is prepared; the coordinator has not been told.</summary>
    public const string AfterPrepare = "xa.after-prepare";

    /// <summary>A prepared branch is committed; the coordinator has not been told.</summary>
    public const string AfterCommitPrepared = "xa.after-commit-prepared";

    /// <summary>A participant has carried out a correction; nobody has recorded that.</summary>
    public const string AfterCorrection = "reconciliation.after-correction";

    /// <summary>A job has fired; no run of it is opened.</summary>
    public const string BeforeJobRun = "job.before-run";

    /// <summary>A unit of a job is claimed; nothing of it is done.</summary>
    public const string AfterJobClaim = "job.after-claim";

    /// <summary>A step of a job is committed with its progress; the next one has not begun.</summary>
    public const string AfterJobStep = "job.after-step";

    private static readonly (string Name, int Hit) Armed = Parse(Environment.GetEnvironmentVariable(Variable));

    private static int _hits;

    /// <summary>Dies here if this point is armed and it is its turn; otherwise costs one string comparison.</summary>
    public static void Hit(string name)
    {
        if (Armed.Name == name && Interlocked.Increment(ref _hits) == Armed.Hit)
        {
            Console.Error.WriteLine($"crash point {name} hit: killing this process");
            Process.GetCurrentProcess().Kill();
        }
    }

    internal static (string Name, int Hit) Parse(string? value)
    {
        var parts = (value ?? "").Split(':', 2);
        return parts is [var name, var hit] && int.TryParse(hit, out var number) ? (name, number) : (parts[0], 1);
    }
}
