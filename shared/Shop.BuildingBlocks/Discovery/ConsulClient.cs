using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Shop.BuildingBlocks.Discovery;

/// <summary>The few calls of Consul's HTTP API that the shop needs; a watch is a chain of blocking queries.</summary>
/// <remarks>
/// An answer is as old as the servers' last contact with their leader. A watch may skip states that lasted shorter than a round trip, and after
/// an outage it starts over with what is there then.
/// </remarks>
public sealed partial class ConsulClient : IDisposable
{
    private const string IndexHeader = "X-Consul-Index";
    private const string TokenHeader = "X-Consul-Token";

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    // A service that flaps must not make every watcher spin.
    private static readonly TimeSpan BetweenQueries = TimeSpan.FromMilliseconds(50);

    private readonly HttpClient _http;
    private readonly ConsulOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<ConsulClient> _logger;
    private readonly int _seed;

    public ConsulClient(HttpMessageHandler handler, IOptions<ConsulOptions> options, string instance, TimeProvider clock, ILogger<ConsulClient> logger)
    {
        _options = options.Value;
        _clock = clock;
        _logger = logger;
        _seed = Backoff.SeedOf(instance);
        _http = new HttpClient(handler) { BaseAddress = new Uri(_options.Address, "/v1/"), Timeout = Timeout.InfiniteTimeSpan };
        if (!string.IsNullOrEmpty(_options.Token))
        {
            _http.DefaultRequestHeaders.Add(TokenHeader, _options.Token);
        }
    }

    /// <summary>True for what passes when Consul comes back, whatever it is that is wrong with it.</summary>
    public static bool IsAway(Exception exception) => exception is HttpRequestException or TimeoutException or IOException or JsonException;

    public Task<ConsulAnswer<T>> GetAsync<T>(string path, CancellationToken cancellationToken) =>
        AskAsync<T>(path, _options.Timeout, cancellationToken);

    public async Task PutAsync<T>(string path, T? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, path) { Content = body is null ? null : JsonContent.Create(body, options: JsonSerializerOptions.Default) };
        using var response = await SendAsync(request, _options.Timeout, cancellationToken);
    }

    public Task PutAsync(string path, CancellationToken cancellationToken) => PutAsync<object>(path, null, cancellationToken);

    /// <summary>For what answers with something, such as a new session or whether a key was acquired.</summary>
    public Task<T> PutForAsync<T>(string path, CancellationToken cancellationToken) => PutForAsync<T>(path, null, cancellationToken);

    /// <inheritdoc cref="PutForAsync{T}(string, CancellationToken)"/>
    public async Task<T> PutForAsync<T>(string path, object? body, CancellationToken cancellationToken)
    {
        // With its length: of a body in chunks, which says none, Consul takes a new session to have no settings at all, and so no end.
        using var request = new HttpRequestMessage(HttpMethod.Put, path) { Content = body is null ? null : new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body)) };
        using var response = await SendAsync(request, _options.Timeout, cancellationToken);
        return await response.Content.ReadFromJsonAsync<T>(JsonSerializerOptions.Default, cancellationToken) ?? throw new JsonException($"Consul answered {path} with null.");
    }

    /// <summary>Each state of <paramref name="path"/>, the first at once; while Consul is away, nothing.</summary>
    public async IAsyncEnumerable<ConsulAnswer<T>> WatchAsync<T>(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var backoff = new Backoff(FirstPause, LongestPause, new Random(_seed));
        var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        var (index, newest, away) = (0UL, 0UL, false);
        while (!cancellationToken.IsCancellationRequested)
        {
            ConsulAnswer<T> answer;
            try
            {
                var wait = string.Create(CultureInfo.InvariantCulture, $"{separator}index={index}&wait={(long)_options.MaxWait.TotalMilliseconds}ms");

                // Consul adds up to a sixteenth to the wait, so that queries do not all end together.
                var patience = index == 0 ? _options.Timeout : (_options.MaxWait * 1.0625) + _options.Timeout;
                answer = await AskAsync<T>(path + wait, patience, cancellationToken);
            }
            catch (Exception exception) when (IsAway(exception))
            {
                if (!away)
                {
                    Log.Away(_logger, path, exception.Message);
                }

                // Who comes back may be another: the first question to it must not block.
                (away, index) = (true, 0);
                await Task.Delay(backoff.Next(), _clock, cancellationToken);
                continue;
            }

            if (away)
            {
                Log.Back(_logger, path);
            }

            away = false;
            backoff.Reset();
            var asked = index;
            index = BlockingIndex.Next(asked, answer.Index);
            if (index != asked)
            {
                yield return answer with { WentBack = answer.Index < newest };
                newest = answer.Index;
            }

            await Task.Delay(BetweenQueries, _clock, cancellationToken);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<ConsulAnswer<T>> AskAsync<T>(string path, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        using var response = await SendAsync(request, patience, cancellationToken);
        var index = response.Headers.TryGetValues(IndexHeader, out var values) && ulong.TryParse(values.First(), CultureInfo.InvariantCulture, out var parsed)
            ? parsed
            : 0;
        return new ConsulAnswer<T>(
            response.StatusCode is HttpStatusCode.NotFound
                ? default
                : await response.Content.ReadFromJsonAsync<T>(JsonSerializerOptions.Default, cancellationToken),
            index);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(patience, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var response = await _http.SendAsync(request, either.Token);
            if (response.IsSuccessStatusCode || (response.StatusCode is HttpStatusCode.NotFound && request.Method == HttpMethod.Get))
            {
                return response;
            }

            using (response)
            {
                // Such as "No cluster leader" or "Permission denied": one line, and never the token.
                var reason = await response.Content.ReadAsStringAsync(either.Token);
                throw new HttpRequestException($"Consul answered {(int)response.StatusCode}: {reason.Trim()}", null, response.StatusCode);
            }
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"Consul did not answer within {patience}.", exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Consul is away, what is known of {Path} stays: {Reason}")]
        public static partial void Away(ILogger logger, string path, string reason);

        [LoggerMessage(2, LogLevel.Information, "Consul is back, {Path} is watched again")]
        public static partial void Back(ILogger logger, string path);
    }
}
