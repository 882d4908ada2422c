using System.ComponentModel.DataAnnotations;

namespace Shop.BuildingBlocks.Transactions;

/// <summary>How long a participant waits to be told what was decided before it asks.</summary>
public sealed class ParticipantOptions
{
    public const string Section = "Participant";

    /// <summary>How often it looks for what has waited too long.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan RecoveryInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>A prepared transaction as old as this is in doubt.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan InDoubtAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>So many times the work of a branch is tried that lost against another transaction, before its caller hears nothing.</summary>
    [Range(1, 100)]
    public int PrepareTries { get; set; } = 3;
}
