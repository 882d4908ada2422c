namespace Shop.BuildingBlocks.Ids;

/// <summary>The parts of a snowflake: 41 bits of milliseconds since the epoch, 10 bits of worker, 12 bits of sequence; the sign bit stays 0.</summary>
/// <remarks>
/// The time is when the id was made by the worker's clock, give or take <see cref="SnowflakeOptions.MaxAhead"/>: good for sorting and
/// for a look at an id, not for deciding which of two workers came first. Ids pass 2^53, so JSON carries them as strings.
/// </remarks>
public readonly record struct SnowflakeId(DateTimeOffset Time, int Worker, int Sequence)
{
    public const int SequenceBits = 12;
    public const int WorkerBits = 10;
    public const int TimeBits = 41;
    public const int MaxWorker = (1 << WorkerBits) - 1;
    public const int MaxSequence = (1 << SequenceBits) - 1;
    public const long MaxTime = (1L << TimeBits) - 1;

    /// <summary>Time 0 of every id. Moving it would make new ids collide with old ones.</summary>
    public static readonly DateTimeOffset Epoch = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The last moment that 41 bits can tell, in September 2094.</summary>
    public static readonly DateTimeOffset End = Epoch.AddMilliseconds(MaxTime);

    /// <summary>The smallest id that can be made at this time; every id made before is smaller, by the same clock.</summary>
    public static long FirstOf(DateTimeOffset time) =>
        time <= Epoch ? 0 : (long)(time - Epoch).TotalMilliseconds << (WorkerBits + SequenceBits);

    public static SnowflakeId Decode(long id) => id < 0
        ? throw new ArgumentOutOfRangeException(nameof(id), id, "A snowflake is never negative.")
        : new(
            Epoch.AddMilliseconds(id >> (WorkerBits + SequenceBits)),
            (int)(id >> SequenceBits) & MaxWorker,
            (int)id & MaxSequence);
}
