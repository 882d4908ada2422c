using Microsoft.Extensions.Logging;

namespace Shop.BuildingBlocks.Messaging;

/// <summary>What there is without an outbox: one try, after the commit, and nobody looks whether it arrived. For the lab only.</summary>
internal sealed partial class SendAfterCommit(OutboxRoutes routes, MessagingTopology topology, ILogger<SendAfterCommit> logger)
{
    public void Send(OutboxRow row) => _ = SendAsync(row);

    private async Task SendAsync(OutboxRow row)
    {
        try
        {
            await routes.SendAsync(new Envelope(topology.Service, row.Destination, [row.Payload]), CancellationToken.None);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Log.Lost(logger, row.Count, row.Destination, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{Count} messages for {Destination} are lost: {Reason}")]
        public static partial void Lost(ILogger logger, int count, string destination, string reason);
    }
}
