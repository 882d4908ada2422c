using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Shop.Benchmarks.Frame;

namespace Shop.Benchmarks.Load;

/// <summary>Callers who read page after page, and look at what they get.</summary>
/// <param name="path">Which page, by the caller and a random number.</param>
/// <param name="tokens">The sessions that the callers share; none reads without a session.</param>
/// <param name="bytes">How long each answer must be; null for any length but none.</param>
internal sealed class PageReaders(int port, Func<int, Random, string> path, int callers, IReadOnlyList<string> tokens, int? bytes) : IDisposable
{
    private readonly (HttpCaller Http, Random Random)[] _callers = [.. Enumerable.Range(0, callers).Select(caller => (new HttpCaller(port), new Random(caller)))];

    /// <summary>Nobody was refused, and nothing came in another form.</summary>
    public static Task<string?> AllAnsweredAsync(Sample sample, CancellationToken cancellationToken) => Task.FromResult(sample.Others.Count == 0
        ? null
        : string.Join(", ", sample.Others.Select(other => $"{other.Value.Count} were {other.Key}")));

    public Task<Sample> RunAsync(TimeSpan duration, CancellationToken cancellationToken) => ClosedLoop.RunAsync(
        _callers.Length,
        duration,
        async caller =>
        {
            var (http, random) = _callers[caller];
            try
            {
                var answer = await http.SendAsync(Request(caller, path(caller, random)), cancellationToken);
                return answer.Status != 200 ? string.Create(CultureInfo.InvariantCulture, $"answered {answer.Status}")
                    : (bytes is { } length ? answer.Body.Length == length : answer.Body.Length > 0) ? null : "of another length";
            }
            catch (Exception exception) when (exception is SocketException or InvalidDataException)
            {
                return "broken connections";
            }
        },
        cancellationToken);

    public void Dispose() => Array.ForEach(_callers, caller => caller.Http.Dispose());

    private byte[] Request(int caller, string page) => Encoding.ASCII.GetBytes(
        $"GET {page} HTTP/1.1\r\nHost: localhost\r\n{(tokens.Count == 0 ? "" : $"Authorization: Bearer {tokens[caller % tokens.Count]}\r\n")}\r\n");
}
