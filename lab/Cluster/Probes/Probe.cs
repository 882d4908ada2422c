namespace Shop.Lab.Cluster.Probes;

/// <summary>Asks a process, in its own protocol, whether it serves.</summary>
internal abstract record Probe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>One attempt; whatever goes wrong is an answer too.</summary>
    public async Task<ProbeResult> CheckAsync(CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(Patience);
        try
        {
            return await AskAsync(bounded.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ProbeResult.NotReady("does not answer");
        }
        catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException or HttpRequestException or InvalidDataException)
        {
            return ProbeResult.NotReady(exception.GetBaseException().Message);
        }
    }

    protected abstract Task<ProbeResult> AskAsync(CancellationToken cancellationToken);
}

/// <summary>Whether a process serves, what part it plays among its kind, and why not.</summary>
internal sealed record ProbeResult(bool IsReady, string? Role = null, string? Reason = null)
{
    public static readonly ProbeResult Ready = new(true);

    public static ProbeResult NotReady(string reason) => new(false, null, reason.ReplaceLineEndings(" ").Trim());
}
