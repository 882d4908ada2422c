namespace Shop.BuildingBlocks.Storage;

/// <summary>The database cannot be opened, is corrupt, or cannot be brought to the schema of this version. Retrying will not help.</summary>
public sealed class DatabaseUnusableException(string path, string reason, Exception? inner = null)
    : Exception($"database {path} cannot be used: {reason}", inner);
