using System.Threading.Channels;
using Shop.BuildingBlocks.Messaging;
using Shop.Contracts.Messages;

namespace Shop.IntegrationTests.Support;

/// <summary>The other side of the one service under test: puts envelopes in, and collects what the service's relay sends.</summary>
internal sealed class RecordingTransport : ITransport
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Channel<Message> _sent = Channel.CreateUnbounded<Message>();
    private Func<Envelope, CancellationToken, Task> _receive = (_, _) => throw new IOException("The service does not listen yet.");

    public Task SendAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        foreach (var message in envelope.Parts.SelectMany(part => MessageCodec.Decode(part, [])))
        {
            _sent.Writer.TryWrite(message);
        }

        return Task.CompletedTask;
    }

    public Task ListenAsync(string service, Func<Envelope, CancellationToken, Task> receive, CancellationToken cancellationToken)
    {
        _receive = receive;
        return Task.CompletedTask;
    }

    /// <summary>Completes when the service has committed or parked every message.</summary>
    public Task DeliverAsync(params IReadOnlyList<Message> messages) => DeliverTextAsync(MessageCodec.Encode([.. messages]));

    public Task DeliverTextAsync(params IReadOnlyList<string> parts) =>
        _receive(new Envelope("test", "service", parts), CancellationToken.None);

    /// <summary>The next messages that the service sent, in the order in which they left.</summary>
    public async Task<IReadOnlyList<Message>> NextAsync(int count)
    {
        using var patience = new CancellationTokenSource(Patience);
        var messages = new List<Message>();
        while (messages.Count < count)
        {
            messages.Add(await _sent.Reader.ReadAsync(patience.Token));
        }

        return messages;
    }

    /// <summary>Delivers one envelope and returns the service's answers, one for each message.</summary>
    public async Task<IReadOnlyList<OperationAnswered>> AskAsync(params IReadOnlyList<Message> messages)
    {
        await DeliverAsync(messages);
        return [.. (await NextAsync(messages.Count)).Cast<OperationAnswered>()];
    }
}
