namespace Shop.Ordering.Invariants;

/// <summary>Collects what speaks against one invariant: counts everything, keeps the first few as evidence.</summary>
internal sealed class Findings(int number, string name)
{
    private const int MaxExamples = 20;

    private readonly List<Violation> _examples = [];
    private long _checked;
    private long _violations;

    public void Checked() => _checked++;

    public void Require(bool holds, string what, params object?[] evidence)
    {
        if (holds)
        {
            return;
        }

        _violations++;
        if (_examples.Count < MaxExamples)
        {
            _examples.Add(new Violation(what, evidence));
        }
    }

    public InvariantVerdict Verdict() => new(number, name, _violations == 0, _checked, _violations, _examples);
}
