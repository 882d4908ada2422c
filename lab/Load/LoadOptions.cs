namespace Shop.Lab.Load;

internal sealed record LoadOptions(
    Uri Gateway, int Clients, TimeSpan Duration, int Lines, int Seed, FileInfo? OperatorKeyFile, Uri Ordering);

/// <summary>The load cannot be run, for a reason that one line can tell.</summary>
internal sealed class LoadException(string message) : Exception(message);
