using Shop.BuildingBlocks.Messaging;
using Shop.Contracts.Messages;

namespace Shop.IntegrationTests.Support;

/// <summary>Calls to participants with a script in front of them and one behind.</summary>
internal sealed class ScriptedCalls
{
    private int _lost;

    /// <summary>Runs before the participant is called; throwing loses the call.</summary>
    public Func<IReadOnlyList<Message>, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs when the participant has committed; throwing loses the answer.</summary>
    public Func<IReadOnlyList<Message>, Task> After { get; set; } = _ => Task.CompletedTask;

    /// <summary>Answers that <see cref="LoseAnswersTo"/> has lost.</summary>
    public int Lost => Volatile.Read(ref _lost);

    /// <summary>From now on calls with such a command are carried out, and their caller never learns of it; null ends that.</summary>
    public void LoseAnswersTo(Func<Message, bool>? which) => After = commands =>
    {
        if (which is null || !commands.Any(which))
        {
            return Task.CompletedTask;
        }

        Interlocked.Increment(ref _lost);
        throw new HttpRequestException("carried out, and the answer was lost");
    };

    public DelegatingHandler NewHandler() => new Handler(this);

    private sealed class Handler(ScriptedCalls calls) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.AbsolutePath is not "/internal/commands")
            {
                return await base.SendAsync(request, cancellationToken);
            }

            var commands = MessageCodec.Decode(await request.Content!.ReadAsStringAsync(cancellationToken), []);
            await calls.Before(commands);
            var response = await base.SendAsync(request, cancellationToken);
            await calls.After(commands);
            return response;
        }
    }
}
