using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Shop.Benchmarks.Frame;

namespace Shop.Benchmarks.Load;

/// <summary>Callers who read one page again and again, and look at what they get.</summary>
/// <param name="bytes">How long each answer must be; null for any.</param>
internal sealed class PageReaders(int port, string path, int callers, IReadOnlyList<string> tokens, int? bytes) : IDisposable
{
    private readonly (HttpCaller Http, byte[] Request)[] _callers =
    [
        .. Enumerable.Range(0, callers).Select(caller => (new HttpCaller(port), Request(path, tokens.Count == 0 ? null : tokens[caller % tokens.Count]))),
    ];

    public Task<Sample> RunAsync(TimeSpan duration, CancellationToken cancellationToken) => ClosedLoop.RunAsync(
        _callers.Length,
        duration,
        async caller =>
        {
            try
            {
                var answer = await _callers[caller].Http.SendAsync(_callers[caller].Request, cancellationToken);
                return answer.Status != 200 ? string.Create(CultureInfo.InvariantCulture, $"answered {answer.Status}")
                    : answer.Body.Length == (bytes ?? answer.Body.Length) ? null : "of another length";
            }
            catch (Exception exception) when (exception is SocketException or InvalidDataException)
            {
                return "broken connections";
            }
        },
        cancellationToken);

    public void Dispose() => Array.ForEach(_callers, caller => caller.Http.Dispose());

    private static byte[] Request(string path, string? token) => Encoding.ASCII.GetBytes(
        $"GET {path} HTTP/1.1\r\nHost: localhost\r\n{(token is null ? "" : $"Authorization: Bearer {token}\r\n")}\r\n");
}
