namespace Shop.Lab.Cluster.Apps;

/// <summary>The checkout that the applications are built from.</summary>
internal sealed record SourceTree(string Root)
{
    private const string Marker = "Shop.sln";

    /// <summary>The one around the current directory, or else the one that this program was built in.</summary>
    /// <exception cref="ClusterException">Neither is inside a checkout.</exception>
    public static SourceTree Find() =>
        Above(Environment.CurrentDirectory) ?? Above(AppContext.BaseDirectory)
        ?? throw new ClusterException($"run this inside the repository: {Marker} is in no directory above '{Environment.CurrentDirectory}'");

    public string DefaultDirectory => Path.Combine(Root, ".shop", "cluster");

    public string Assembly(string project) => Path.Combine(Root, "artifacts", "bin", project, "release", $"{project}.dll");

    private static SourceTree? Above(string path)
    {
        for (var directory = new DirectoryInfo(path); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, Marker)))
            {
                return new SourceTree(directory.FullName);
            }
        }

        return null;
    }
}
