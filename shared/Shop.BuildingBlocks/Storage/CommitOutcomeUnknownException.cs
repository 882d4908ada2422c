namespace Shop.BuildingBlocks.Storage;

/// <summary>The commit was sent and no answer came: the transaction may stand or not. Never to be read as "failed".</summary>
/// <remarks>Callers repeat the same idempotent request; the recorded key or operation tells which of the two it was.</remarks>
public sealed class CommitOutcomeUnknownException(Exception inner) : Exception("The outcome of the commit is unknown.", inner);
