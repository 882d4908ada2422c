namespace Shop.BuildingBlocks.Discovery;

/// <summary>Shares turns out by weight, evenly and without randomness.</summary>
/// <remarks>
/// Turn n falls on the fractional part of n times the golden ratio (Weyl's sequence): in any run of turns each part of the line is hit in
/// proportion to its length, whatever the weights and however the list changes in between. Shares are exact in the long run only.
/// </remarks>
public static class WeightedChoice
{
    private const uint GoldenRatio = 2_654_435_769; // 2^32 / 1.618..

    /// <summary>Who has this turn. When all weights are 0, everybody counts the same.</summary>
    public static T Pick<T>(IReadOnlyList<T> among, Func<T, int> weightOf, uint turn)
    {
        var total = among.Sum(item => (long)weightOf(item));
        var even = total == 0;
        var point = (long)(((ulong)unchecked(turn * GoldenRatio) * (ulong)(even ? among.Count : total)) >> 32);
        foreach (var item in among)
        {
            point -= even ? 1 : weightOf(item);
            if (point < 0)
            {
                return item;
            }
        }

        throw new ArgumentException("There is nobody to choose from.", nameof(among));
    }
}
