namespace Shop.ServiceDefaults;

/// <summary>Retries as a share of the calls: a service that fails always gets a tenth more requests, not three times as many.</summary>
internal sealed class RetryBudget(double ratio, int burst)
{
    private readonly Lock _gate = new();
    private double _saved = burst;

    public void Earn()
    {
        lock (_gate)
        {
            _saved = Math.Min(burst, _saved + ratio);
        }
    }

    public bool TrySpend()
    {
        lock (_gate)
        {
            if (_saved < 1)
            {
                return false;
            }

            _saved--;
            return true;
        }
    }
}
