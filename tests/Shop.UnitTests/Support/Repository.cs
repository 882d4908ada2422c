namespace Shop.UnitTests.Support;

/// <summary>The files of this repository, as the rules about them see them.</summary>
/// <remarks>Read from the disk and not from git, which a test machine may lack; what git ignores is left out by name.</remarks>
internal static class Repository
{
    private static readonly string[] Ignored = ["artifacts", "TestResults", "bin", "obj", "node_modules", ".git", ".shop", ".vs", ".idea"];

    public static string Root { get; } = FindRoot();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>All files that match, as paths from the root with forward slashes.</summary>
    public static IEnumerable<string> Files(string pattern = "*", string under = "") =>
        Walk(new DirectoryInfo(Path.Combine(Root, under)), pattern)
            .Select(file => Path.GetRelativePath(Root, file.FullName).Replace('\\', '/'))
            .Order(StringComparer.Ordinal);

    private static IEnumerable<FileInfo> Walk(DirectoryInfo directory, string pattern) =>
        directory.EnumerateFiles(pattern)
            .Where(file => file.Name != ".git") // a file, not a directory, in a worktree
            .Concat(directory.EnumerateDirectories().Where(child => !Ignored.Contains(child.Name)).SelectMany(child => Walk(child, pattern)));

    private static string FindRoot()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Shop.sln")))
        {
            directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("Shop.sln is in no folder above the tests.");
        }

        return directory;
    }
}
