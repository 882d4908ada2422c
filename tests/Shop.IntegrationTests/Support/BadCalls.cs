namespace Shop.IntegrationTests.Support;

/// <summary>Calls to participants on which everything happens that can happen to a call: it never arrives, arrives twice, arrives long after its
/// caller has given up, or is carried out without its caller learning of it. By a seed, until it is healed.</summary>
internal sealed class BadCalls(int seed)
{
    private readonly Random _random = new(seed);
    private readonly int[] _count = new int[4];
    private volatile bool _healed;

    public void Heal() => _healed = true;

    public string Report => $"calls lost {_count[0]}, doubled {_count[1]}, late {_count[2]}, answers lost {_count[3]}";

    /// <summary>How often each of the four has happened.</summary>
    public IReadOnlyList<int> Counts => _count;

    public DelegatingHandler NewHandler() => new Handler(this);

    private int Next(int bound)
    {
        lock (_random)
        {
            return _random.Next(bound);
        }
    }

    private sealed class Handler(BadCalls road) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.AbsolutePath is not "/internal/commands" || road._healed)
            {
                return await base.SendAsync(request, cancellationToken);
            }

            var fate = road.Next(12);
            if (fate < 4)
            {
                Interlocked.Increment(ref road._count[fate]);
            }

            switch (fate)
            {
                case 0:
                    throw new HttpRequestException("lost on the way");
                case 1:
                    (await base.SendAsync(await CopyAsync(request), cancellationToken)).Dispose();
                    return await base.SendAsync(request, cancellationToken);
                case 2:
                    _ = LaterAsync(await CopyAsync(request));
                    throw new HttpRequestException("late");
                case 3:
                    (await base.SendAsync(request, cancellationToken)).Dispose();
                    throw new HttpRequestException("carried out, and the answer was lost");
                default:
                    return await base.SendAsync(request, cancellationToken);
            }
        }

        private async Task LaterAsync(HttpRequestMessage request)
        {
            await Task.Delay(road.Next(600));
            (await base.SendAsync(request, CancellationToken.None)).Dispose();
        }

        private static async Task<HttpRequestMessage> CopyAsync(HttpRequestMessage request)
        {
            var copy = new HttpRequestMessage(request.Method, request.RequestUri) { Content = new ByteArrayContent(await request.Content!.ReadAsByteArrayAsync()) };
            foreach (var (name, values) in request.Content.Headers)
            {
                copy.Content.Headers.TryAddWithoutValidation(name, values);
            }

            foreach (var (name, values) in request.Headers)
            {
                copy.Headers.TryAddWithoutValidation(name, values);
            }

            return copy;
        }
    }
}
