using Shop.Lab.Cluster.Processes;

namespace Shop.UnitTests.Cluster;

/// <summary>Which processes are the server's own: all of them must end with it, and no other may.</summary>
public sealed class ProcessTableTests
{
    private const string Boot = "boot-1";
    private const string Home = "/cluster/postgres";
    private const string Program = "/usr/bin/postgres";

    private static readonly ProcessIdentity Leader = new(100, 5_000, Boot);

    [Fact]
    public void A_later_process_with_the_same_number_is_another_one() =>
        Assert.Empty(Members(Table(Row(100, start: 9_000), Row(101, parent: 100, session: 100, start: 9_100))));

    [Fact]
    public void The_same_number_and_ticks_after_a_boot_are_another_process() =>
        Assert.Empty(Table(Row(100, start: 5_000)).MembersOf(Leader with { BootId = "boot-0" }, Home, Program));

    [Fact]
    public void What_a_leader_left_in_its_session_is_still_its_own() =>
        Assert.Equal([101, 102], Members(Table(Row(101, parent: 1, session: 100), Row(102, parent: 101, session: 100), Row(103, parent: 1, session: 103))));

    [Fact]
    public void A_session_that_is_older_than_the_leader_is_not_its_own() => Assert.Empty(Members(Table(Row(101, parent: 1, session: 100, start: 4_999))));

    [Fact]
    public void Children_in_sessions_of_their_own_belong_to_the_leader() =>
        Assert.Equal([100, 101, 102], Members(Table(Row(100, start: 5_000), Row(101, parent: 100, session: 101), Row(102, parent: 101, session: 102))));

    [Fact]
    public void An_orphan_is_known_by_its_program_and_where_it_works()
    {
        var table = Table(
            [Row(200, parent: 1, session: 200), Row(201, parent: 1, session: 201), Row(202, parent: 1, session: 202), Row(203, parent: 1, session: 203)],
            new()
            {
                [200] = new($"{Home}/data", Program),
                [201] = new(Home, "/bin/bash"), // somebody looks around
                [202] = new("/cluster/postgres-2", Program),
                [203] = new("/elsewhere", Program),
            });

        Assert.Equal([200], Members(table));
    }

    [Fact]
    public void An_orphan_that_is_ending_and_has_no_program_any_more_is_known_by_where_it_works()
    {
        var table = Table(
            [Row(200, parent: 1, session: 200), Row(201, parent: 1, session: 201)],
            new() { [200] = new($"{Home}/data", null), [201] = new("/elsewhere", null) });

        Assert.Equal([200], Members(table));
    }

    [Theory]
    [InlineData("100 (redis-server) S 1 100 100 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 5 0 5000 1 2", 100, 'S', 1, 100, 5000, 5)]
    [InlineData("7 (a) b) (c) T 3 6 5 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 5 0 123 1 2", 7, 'T', 3, 5, 123, 5)]
    public void A_row_is_read_whatever_the_program_is_called(string stat, int id, char state, int parent, int session, long start, int threads) =>
        Assert.Equal(new ProcessRow(id, state, parent, session, start, threads), ProcessRow.Parse(stat));

    [Theory]
    [InlineData('Z', 1, true)]
    [InlineData('Z', 3, false)] // its first thread has ended, the others still hold its ports
    [InlineData('S', 1, false)]
    public void A_process_runs_until_its_last_thread_has_ended(char state, int threads, bool isZombie) =>
        Assert.Equal(isZombie, new ProcessRow(100, state, 1, 100, 5_000, threads).IsZombie);

    [Theory]
    [InlineData("")]
    [InlineData("100 redis S 1")]
    [InlineData("100 (redis) S 1 100")]
    public void What_is_no_row_is_none(string stat) => Assert.Null(ProcessRow.Parse(stat));

    [Fact]
    public void A_pid_file_says_which_process_it_means() => Assert.Equal(Leader, ProcessIdentity.Parse($"{Leader}\n"));

    [Theory]
    [InlineData("")]
    [InlineData("100")]
    [InlineData("100 5000")]
    [InlineData("x 5000 boot-1")]
    [InlineData("100 5000 boot-1 more")]
    [InlineData("1 5000 boot-1")] // never the first process of the machine
    [InlineData("-1 5000 boot-1")] // nor all of them
    public void A_pid_file_that_says_less_means_none(string text) => Assert.Null(ProcessIdentity.Parse(text));

    [Fact]
    public void A_running_process_is_found_by_its_number_start_and_boot()
    {
        var row = ProcessRow.Read(Environment.ProcessId)!.Value;
        var identity = new ProcessIdentity(row.Id, row.StartTicks, ProcessIdentity.CurrentBoot);

        Assert.Equal(row.Id, identity.Find()?.Id);
        Assert.Null((identity with { StartTicks = row.StartTicks - 1 }).Find());
        Assert.Null((identity with { BootId = "an earlier one" }).Find());
    }

    [Theory]
    [InlineData("KILL", 9)]
    [InlineData("SIGSTOP", 19)]
    [InlineData("term", 15)]
    public void A_signal_has_the_name_that_kill_knows(string name, int number) => Assert.Equal(number, Signal.Parse(name).Number);

    private static IEnumerable<int> Members(ProcessTable table) => table.MembersOf(Leader, Home, Program).Select(row => row.Id).Order();

    private static ProcessRow Row(int id, int parent = 1, int? session = null, long start = 6_000) => new(id, 'S', parent, session ?? id, start);

    private static ProcessTable Table(params ProcessRow[] rows) => Table(rows, []);

    private static ProcessTable Table(ProcessRow[] rows, Dictionary<int, ProcessPlace> places) =>
        new(rows.ToDictionary(row => row.Id), id => places.GetValueOrDefault(id), Boot);
}
