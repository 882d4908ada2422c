namespace Shop.Lab.Load;

/// <param name="Customers">The prefix of those who were seeded; null for new ones.</param>
internal sealed record LoadOptions(
    Uri Gateway, int Clients, TimeSpan Duration, int Lines, int Seed, string? Customers, string Password, FileInfo? OperatorKeyFile, Uri Ordering);

/// <summary>The load cannot be run, for a reason that one line can tell.</summary>
internal sealed class LoadException(string message) : Exception(message);
