using System.Globalization;
using Shop.BuildingBlocks.Messaging;
using Spectre.Console;

namespace Shop.Lab.Queues;

/// <summary>Medians with their range, and the ratio of the medians.</summary>
internal sealed record QueuesResult(IReadOnlyList<QueueRound> Rounds)
{
    public void Print()
    {
        var table = new Table().AddColumn("");
        foreach (var column in new[] { "classic", "quorum", "quorum / classic" })
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        Add(table, "envelopes/s sent, queue filling", r => r.Sent, "N0");
        Add(table, "envelopes/s taken from the full queue", r => r.Taken, "N0");
        Add(table, "envelopes/s, sent and taken at once", r => r.Both, "N0");
        Add(table, "ms for one confirm, alone", r => r.ConfirmMilliseconds, "N2");
        AnsiConsole.Write(table);
        AnsiConsole.WriteLine($"median (least to most) of {Rounds.Count / 2} rounds each, in turn; load average {File.ReadAllText("/proc/loadavg").Split(' ')[0]}");
    }

    private void Add(Table table, string name, Func<QueueRound, double> value, string format)
    {
        var classic = Sorted(QueueKind.Classic, value);
        var quorum = Sorted(QueueKind.Quorum, value);
        table.AddRow(name, Text(classic), Text(quorum), (Median(quorum) / Median(classic)).ToString("N2", CultureInfo.InvariantCulture));

        string Text(List<double> sorted) => string.Create(
            CultureInfo.InvariantCulture, $"{Format(Median(sorted))} ({Format(sorted[0])} to {Format(sorted[^1])})");

        string Format(double number) => number.ToString(format, CultureInfo.InvariantCulture);
    }

    private List<double> Sorted(QueueKind kind, Func<QueueRound, double> value) => [.. Rounds.Where(r => r.Kind == kind).Select(value).Order()];

    private static double Median(List<double> sorted) => sorted.Count % 2 == 1
        ? sorted[sorted.Count / 2]
        : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
}
