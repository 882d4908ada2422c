namespace Shop.BuildingBlocks.Ids.Segments;

/// <summary>Numbers of one series from segments that the database gives out: one in use, one in reserve, so that a number costs an increment and
/// never a round trip.</summary>
/// <remarks>
/// <para>A number is made once, by whichever process and replica, because the database raises the series and hands out what it raised it by. What it
/// does not guarantee: numbers without gaps (a process that ends, or a transaction that is rolled back, loses what it had taken), and numbers in the order of
/// their making: they rise within a segment, and two processes use two segments.</para>
/// <para>While the database is away the numbers go on for as long as the two segments last; then <see cref="Next"/> throws, and never waits, because
/// its caller may hold the transaction that a refill would wait for. After Leaf, Meituan's id service (2017): double buffer, adaptive step.</para>
/// </remarks>
public sealed class SegmentIdGenerator : IIdGenerator
{
    private readonly SegmentOptions _options;
    private readonly TimeProvider _clock;
    private readonly Action _wake;
    private readonly Lock _gate = new();

    private volatile Segment _current = new(0, 0);
    private Segment? _reserve;
    private long _begunAt;

    internal SegmentIdGenerator(string series, SegmentOptions options, TimeProvider clock, Action wake)
    {
        (Series, _options, _clock, _wake, Step) = (series, options, clock, wake, options.MinStep);
    }

    public string Series { get; }

    /// <summary>How many numbers can be made without the database.</summary>
    public long Left
    {
        get
        {
            lock (_gate)
            {
                return _current.Left + (_reserve?.Left ?? 0);
            }
        }
    }

    /// <summary>The size of the next segment.</summary>
    public int Step { get; private set; }

    /// <summary>Whether there is room for another segment.</summary>
    internal bool IsHungry
    {
        get
        {
            lock (_gate)
            {
                return _reserve is null;
            }
        }
    }

    /// <inheritdoc/>
    public long Next()
    {
        while (true)
        {
            var segment = _current;
            if (segment.TryTake(out var number))
            {
                return number;
            }

            if (!TryTurn(segment))
            {
                throw new IdsUnavailableException($"No number of the series '{Series}' is left in this process, and the database has not given new ones yet.");
            }
        }
    }

    /// <summary>Takes in what the database has given.</summary>
    internal void Add(Segment segment)
    {
        lock (_gate)
        {
            if (_current.Left == 0 && _reserve is null)
            {
                if (_current.End > 0)
                {
                    Adapt_NeedsLock(); // used up before the next one came
                }

                Begin_NeedsLock(segment);
            }
            else
            {
                _reserve = segment;
            }
        }
    }

    private bool TryTurn(Segment used)
    {
        lock (_gate)
        {
            if (_current != used)
            {
                return true; // another thread was faster
            }

            if (_reserve is not { } next)
            {
                _wake();
                return false;
            }

            Adapt_NeedsLock();
            _reserve = null;
            Begin_NeedsLock(next);
        }

        _wake();
        return true;
    }

    private void Begin_NeedsLock(Segment segment)
    {
        _begunAt = _clock.GetTimestamp();
        _current = segment;
    }

    private void Adapt_NeedsLock()
    {
        var lasted = _clock.GetElapsedTime(_begunAt);
        Step = lasted < _options.Lasts ? (int)Math.Min(2L * Step, _options.MaxStep)
            : lasted >= 2 * _options.Lasts ? Math.Max(Step / 2, _options.MinStep)
            : Step;
    }
}
