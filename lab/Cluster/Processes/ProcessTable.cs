using System.Globalization;

namespace Shop.Lab.Cluster.Processes;

/// <summary>All processes of this machine at one moment, and which of them belong to a server.</summary>
internal sealed class ProcessTable(IReadOnlyDictionary<int, ProcessRow> rows, Func<int, ProcessPlace?> placeOf, string bootId)
{
    public static ProcessTable Now()
    {
        var rows = new Dictionary<int, ProcessRow>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var id) && ProcessRow.Read(id) is { IsZombie: false } row)
            {
                rows[id] = row;
            }
        }

        var places = new Dictionary<int, ProcessPlace?>();
        return new ProcessTable(rows, id => places.TryGetValue(id, out var place) ? place : places[id] = PlaceOf(id), ProcessIdentity.CurrentBoot);
    }

    /// <summary>
    /// The leader, all that it started, and what it left behind. A leader that is gone leaves its session to its children, whose number is not
    /// given away meanwhile; PostgreSQL's children have sessions of their own, and are known by the program and the directory they work in. One that
    /// is ending has given its program back and not yet its directory, for as long as the kernel takes to free its memory.
    /// </summary>
    public IReadOnlyList<ProcessRow> MembersOf(ProcessIdentity? leader, string directory, string program)
    {
        var members = rows.Values
            .Where(row => (leader is { } identity && IsInSession(row, identity)) || WorksIn(row.Id, directory, program))
            .ToDictionary(row => row.Id);
        for (var found = true; found;)
        {
            var children = rows.Values.Where(row => members.ContainsKey(row.Parent) && !members.ContainsKey(row.Id)).ToList();
            found = children.Count > 0;
            children.ForEach(child => members.Add(child.Id, child));
        }

        return [.. members.Values];
    }

    private bool IsInSession(ProcessRow row, ProcessIdentity leader)
    {
        if (leader.BootId != bootId || row.Session != leader.Id || row.StartTicks < leader.StartTicks)
        {
            return false;
        }

        // A session leader with this number and another start: the number was given away, and the session with it.
        return !rows.TryGetValue(leader.Id, out var current) || current.StartTicks == leader.StartTicks;
    }

    private bool WorksIn(int id, string directory, string program) =>
        placeOf(id) is { } place
        && (place.Program is null || place.Program == program)
        && (place.Directory == directory || place.Directory.StartsWith(directory + Path.DirectorySeparatorChar, StringComparison.Ordinal));

    private static ProcessPlace? PlaceOf(int id)
    {
        try
        {
            // In this order: whoever ends gives his program back first.
            var program = new FileInfo($"/proc/{id}/exe").LinkTarget;
            return new FileInfo($"/proc/{id}/cwd").LinkTarget is { } directory ? new ProcessPlace(directory, program) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null; // it ended meanwhile, or belongs to somebody else
        }
    }
}

/// <summary>The directory a process works in, and the file it runs: null when it is ending.</summary>
internal sealed record ProcessPlace(string Directory, string? Program);
