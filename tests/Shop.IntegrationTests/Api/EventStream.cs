using System.Text.Json.Nodes;
using Shop.IntegrationTests.Support;

namespace Shop.IntegrationTests.Api;

internal sealed record ServerEvent(string Event, string Id, JsonNode Data);

/// <summary>Reads server-sent events as a browser would.</summary>
internal sealed class EventStream : IDisposable
{
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(30));
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;

    private EventStream(HttpResponseMessage response, Stream stream)
    {
        _response = response;
        _reader = new StreamReader(stream);
    }

    public string? ContentType => _response.Content.Headers.ContentType?.ToString();

    public static async Task<EventStream> OpenAsync(ShopClient client, string path, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var response = await client.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        response.EnsureSuccessStatusCode();
        var stream = new EventStream(response, await response.Content.ReadAsStreamAsync());

        // The headers come at once, with this, whenever the first event comes: the first heartbeat would bring them too, but late.
        Assert.Equal(": connected", await stream._reader.ReadLineAsync(patience.Token));
        return stream;
    }

    /// <summary>The next event, or null at the end of the stream.</summary>
    public async Task<ServerEvent?> NextAsync()
    {
        var fields = new Dictionary<string, string>();
        while (await _reader.ReadLineAsync(_patience.Token) is { } line)
        {
            if (line.Length > 0)
            {
                var field = line.Split(": ", 2);
                fields[field[0]] = field[1];
            }
            else if (fields.ContainsKey("data"))
            {
                return new ServerEvent(fields["event"], fields["id"], JsonNode.Parse(fields["data"])!);
            }
        }

        return null;
    }

    public async Task<List<ServerEvent>> RestAsync()
    {
        var events = new List<ServerEvent>();
        while (await NextAsync() is { } next)
        {
            events.Add(next);
        }

        return events;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _response.Dispose();
        _patience.Dispose();
    }
}
