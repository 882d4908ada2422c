using System.Security.Cryptography;

namespace Shop.AllInOne;

/// <summary>The directory of the databases, owned by one process at a time for as long as this is open.</summary>
internal sealed class DataDirectory : IDisposable
{
    private readonly FileStream _lock;

    private DataDirectory(string path, FileStream ownership)
    {
        Path = path;
        _lock = ownership;
    }

    public string Path { get; }

    public string OperatorKeyFile => System.IO.Path.Combine(Path, "operator.key");

    /// <exception cref="StartException">It cannot be written, or another shop uses it.</exception>
    public static DataDirectory Open(string path, bool reset)
    {
        try
        {
            var full = System.IO.Path.GetFullPath(path);
            Directory.CreateDirectory(full);
            var directory = new DataDirectory(full, Own(full));
            if (reset)
            {
                directory.DeleteDatabases();
            }

            return directory;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new StartException(ExitCodes.DataDirectory, $"cannot use the data directory '{path}': {exception.Message}", exception);
        }
    }

    public string DatabaseOf(string service) => System.IO.Path.Combine(Path, $"{service}.db");

    /// <summary>A new operator key for this run, readable by this user only.</summary>
    public string WriteOperatorKey()
    {
        var key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        File.Delete(OperatorKeyFile);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(OperatorKeyFile, options);
        using var writer = new StreamWriter(file);
        writer.Write(key);
        return key;
    }

    public void Dispose() => _lock.Dispose();

    // The operating system drops the lock with the process, however it ends.
    private static FileStream Own(string path)
    {
        var file = System.IO.Path.Combine(path, "lock");
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (File.Exists(file))
        {
            throw new IOException("another shop is running on it", exception);
        }
    }

    private void DeleteDatabases()
    {
        foreach (var file in Directory.EnumerateFiles(Path, "*.db*"))
        {
            File.Delete(file);
        }
    }
}
