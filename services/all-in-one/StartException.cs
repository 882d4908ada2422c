namespace Shop.AllInOne;

/// <summary>The shop cannot start, for a reason that one line can tell.</summary>
internal sealed class StartException(int exitCode, string message, Exception? inner = null) : Exception(message, inner)
{
    public int ExitCode => exitCode;
}
