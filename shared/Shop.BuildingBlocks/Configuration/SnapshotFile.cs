using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Shop.BuildingBlocks.Configuration;

/// <summary>The last good snapshot on disk, for a start without Consul.</summary>
internal sealed partial class SnapshotFile(string? path, ILogger logger)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public void Save(KvSnapshot snapshot)
    {
        if (string.IsNullOrEmpty(path))
        {
            return;
        }

        try
        {
            // Written beside and then renamed: a crash leaves the old file or the new one, never half of one.
            var fresh = path + ".new";
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            using (var file = new FileStream(fresh, FileMode.Create, FileAccess.Write))
            {
                JsonSerializer.Serialize(file, new Content(snapshot.Version, snapshot.Settings.ToDictionary()), Json);
                file.Flush(flushToDisk: true);
            }

            File.Move(fresh, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.NotSaved(logger, path, exception.Message);
        }
    }

    /// <summary>Null where there is none that can be read.</summary>
    public KvSnapshot? Load(Func<string, bool> isAllowed)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using var file = File.OpenRead(path);
            var content = JsonSerializer.Deserialize<Content>(file, Json) ?? throw new JsonException("The file is empty.");

            // A newer build may allow less than the one that wrote the file.
            return KvSnapshot.Empty with
            {
                Version = content.Version,
                Settings = KvSnapshot.Empty.Settings.AddRange(content.Settings.Where(setting => isAllowed(setting.Key))),
            };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            Log.NotLoaded(logger, path, exception.Message);
            return null;
        }
    }

    private sealed record Content(ulong Version, Dictionary<string, KvSetting> Settings);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The last good settings are not saved to {Path}: {Reason}")]
        public static partial void NotSaved(ILogger logger, string path, string reason);

        [LoggerMessage(2, LogLevel.Warning, "The last good settings in {Path} cannot be read: {Reason}")]
        public static partial void NotLoaded(ILogger logger, string path, string reason);
    }
}
