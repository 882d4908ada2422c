namespace Shop.Lab.Cluster;

/// <summary>One command at a time changes the cluster of a directory. The operating system drops the lock with its process.</summary>
internal sealed class ClusterLock : IDisposable
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(20);

    private readonly FileStream _file;

    private ClusterLock(FileStream file) => _file = file;

    /// <exception cref="ClusterException">Another command held it for longer than <paramref name="patience"/>.</exception>
    public static async Task<ClusterLock> AcquireAsync(
        ClusterDirectory directory, TimeSpan patience, TimeProvider clock, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                return new ClusterLock(new FileStream(directory.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException exception) when (File.Exists(directory.LockFile))
            {
                if (clock.GetElapsedTime(started) >= patience)
                {
                    throw new ClusterException($"another cluster command is at work on '{directory.Path}'", exception);
                }
            }

            await Task.Delay(RetryInterval, clock, cancellationToken);
        }
    }

    public void Dispose() => _file.Dispose();
}
