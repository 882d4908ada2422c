using System.Text;
using MassTransit;

namespace Shop.BuildingBlocks.Messaging;

/// <summary>Parks what is no envelope, or what no consumer took, among the service's dead letters instead of in a queue that nobody reads.</summary>
internal sealed class ParkingFilter(ParkMessage park) : IFilter<ExceptionReceiveContext>, IFilter<ReceiveContext>
{
    // A dead letter is for a person to read; what is longer than this is not.
    private const int MaxLength = 64 * 1024;

    public Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next) => ParkAsync(context, context.Exception.Message);

    public Task Send(ReceiveContext context, IPipe<ReceiveContext> next) => ParkAsync(context, "not an envelope of this service");

    public void Probe(ProbeContext context) => context.CreateFilterScope("parking");

    private Task ParkAsync(ReceiveContext context, string error)
    {
        var body = context.Body.GetBytes();
        var text = Encoding.UTF8.GetString(body, 0, Math.Min(body.Length, MaxLength)).Replace('\0', '\uFFFD');
        return park(context.InputAddress.AbsolutePath, text, error, context.CancellationToken);
    }
}
