namespace Shop.Gateway.Limits;

/// <summary>Counts what each partition (a session, an address, a name) takes in a window of time.</summary>
internal interface IPermits : IDisposable
{
    ValueTask<Permit> TakeAsync(string partition, CancellationToken cancellationToken);
}

/// <summary>Whether there was a permit, how many are left, and when there are all of them again.</summary>
internal readonly record struct Permit(bool IsGranted, long Left, TimeSpan Reset);
