using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;
using Microsoft.Diagnostics.Tracing.Parsers;
using System.Diagnostics.Tracing;

namespace Shop.Benchmarks.Frame;

/// <summary>The heap of another .NET process, through the diagnostic port that every one has.</summary>
internal static class ManagedHeap
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Has the process collect everything, for which it stops a moment, and returns the bytes of the objects that stayed.</summary>
    /// <exception cref="BenchException">It is no .NET process of this user, is gone, or did not collect in time.</exception>
    public static async Task<long> AliveAsync(int processId, CancellationToken cancellationToken)
    {
        try
        {
            return await CollectAsync(new DiagnosticsClient(processId), cancellationToken);
        }
        catch (Exception exception) when (exception is DiagnosticsClientException or TimeoutException or IOException)
        {
            throw new BenchException($"what is alive in process {processId} was not told: {exception.Message}");
        }
    }

    private static async Task<long> CollectAsync(DiagnosticsClient client, CancellationToken cancellationToken)
    {
        var keywords = ClrTraceEventParser.Keywords.GC | ClrTraceEventParser.Keywords.GCHeapCollect;
        using var session = await client.StartEventPipeSessionAsync(
            [new EventPipeProvider(ClrTraceEventParser.ProviderName, EventLevel.Informational, (long)keywords)], requestRundown: false, circularBufferMB: 16, cancellationToken);
        using var events = new EventPipeEventSource(session.EventStream);
        var alive = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isFull = false;
        events.Clr.GCStart += start => isFull = start is { Depth: 2, Reason: Microsoft.Diagnostics.Tracing.Parsers.Clr.GCReason.Induced };
        events.Clr.GCHeapStats += stats =>
        {
            if (isFull)
            {
                alive.TrySetResult(stats.TotalPromoted);
            }
        };
        var reading = Task.Run(events.Process, cancellationToken);
        try
        {
            return await alive.Task.WaitAsync(Patience, cancellationToken);
        }
        finally
        {
            await session.StopAsync(CancellationToken.None);
            await reading;
        }
    }
}
