using System.Text.Json;
using System.Text.Json.Serialization;

namespace Shop.Lab.Cluster;

/// <summary>Where a cluster keeps everything: its options, its secrets, and a directory, a log and a pid file for each process.</summary>
internal sealed record ClusterDirectory(string Path)
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // Others may pass through but not look around: PostgreSQL runs as a user of its own when the cluster runs as root.
    private const UnixFileMode PassThrough =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Converters = { new JsonStringEnumConverter() } };

    public string OptionsFile => System.IO.Path.Combine(Path, "cluster.json");

    public string SecretsFile => System.IO.Path.Combine(Path, "secrets.json");

    public string OperatorKeyFile => System.IO.Path.Combine(Path, "operator.key");

    public string LockFile => System.IO.Path.Combine(Path, "lock");

    public string BuildLog => System.IO.Path.Combine(Path, "logs", "build.log");

    public string Of(string name) => System.IO.Path.Combine(Path, name);

    public string PidFile(string name) => System.IO.Path.Combine(Path, "run", $"{name}.pid");

    public string Log(string name) => System.IO.Path.Combine(Path, "logs", $"{name}.log");

    /// <exception cref="ClusterException">It cannot be written.</exception>
    public static ClusterDirectory Create(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(full, PassThrough);
            Directory.CreateDirectory(System.IO.Path.Combine(full, "run"), PassThrough);
            Directory.CreateDirectory(System.IO.Path.Combine(full, "logs"), PassThrough);
            return new ClusterDirectory(full);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ClusterException($"cannot use the directory '{full}': {exception.Message}", exception);
        }
    }

    /// <exception cref="ClusterException">No cluster was ever started there.</exception>
    public static ClusterDirectory Open(string path)
    {
        var directory = new ClusterDirectory(System.IO.Path.GetFullPath(path));
        return File.Exists(directory.OptionsFile) ? directory : throw new ClusterException($"there is no cluster in '{directory.Path}': 'cluster up' makes one");
    }

    public T? Read<T>(string file) where T : class
    {
        if (!File.Exists(file))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(file), Json);
        }
        catch (JsonException exception)
        {
            throw new ClusterException($"'{file}' cannot be read: {exception.Message}", exception);
        }
    }

    public void Write<T>(string file, T value) => WriteText(file, JsonSerializer.Serialize(value, Json));

    /// <summary>Deletes what a cluster keeps here, and nothing else that may lie in the directory.</summary>
    public void Clear(IEnumerable<string> processes)
    {
        foreach (var directory in processes.Append("run").Append("logs").Select(Of).Where(Directory.Exists))
        {
            Directory.Delete(directory, recursive: true);
        }

        File.Delete(OptionsFile);
        File.Delete(SecretsFile);
        File.Delete(OperatorKeyFile);
        Create(Path);
    }

    /// <summary>Readable by this user only, and either all of it or none is there after a crash.</summary>
    public static void WriteText(string file, string text)
    {
        var next = $"{file}.new";
        File.Delete(next);
        using (var stream = new FileStream(next, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
        using (var writer = new StreamWriter(stream))
        {
            writer.Write(text);
        }

        File.Move(next, file, overwrite: true);
    }
}
