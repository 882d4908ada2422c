using System.Net;
using System.Text;

namespace Shop.UnitTests.Discovery;

/// <summary>Answers requests as the test says, and keeps what was asked.</summary>
internal sealed class StubHandler(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
{
    public List<string> Asked { get; } = [];

    public static HttpResponseMessage Json(string body, ulong index) => new(HttpStatusCode.OK)
    {
        Content = new StringContent(body, Encoding.UTF8, "application/json"),
        Headers = { { "X-Consul-Index", $"{index}" } },
    };

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Asked.Add(request.RequestUri!.PathAndQuery);
        return answer(request, cancellationToken);
    }
}
