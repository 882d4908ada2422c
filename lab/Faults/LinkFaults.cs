namespace Shop.Lab.Faults;

/// <summary>All that is wrong with a link.</summary>
internal sealed record LinkFaults
{
    public static readonly LinkFaults None = new();

    /// <summary>Connections are reset, new ones are refused.</summary>
    public bool Cut { get; init; }

    /// <summary>From the one who connects: requests.</summary>
    public Toxics There { get; init; } = Toxics.None;

    /// <summary>To the one who connects: answers.</summary>
    public Toxics Back { get; init; } = Toxics.None;

    public static LinkFaults Of(Toxics toxics, Way way) => new()
    {
        There = way is Way.Back ? Toxics.None : toxics,
        Back = way is Way.There ? Toxics.None : toxics,
    };
}

/// <summary>A direction of a link, as seen by the one who connects.</summary>
internal enum Way
{
    Both,
    There,
    Back,
}
