namespace Shop.IntegrationTests.Reconciliation;

/// <summary>Calls that are carried out without their caller learning of it, while it is told to lose those with a certain text.</summary>
internal sealed class LostAnswers
{
    private volatile string? _text;

    public void Lose(string? text) => _text = text;

    public DelegatingHandler NewHandler() => new Handler(this);

    private sealed class Handler(LostAnswers answers) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var isLost = answers._text is { } text && request.Content is { } content
                && (await content.ReadAsStringAsync(cancellationToken)).Contains(text, StringComparison.Ordinal);
            var response = await base.SendAsync(request, cancellationToken);
            if (!isLost)
            {
                return response;
            }

            response.Dispose();
            throw new HttpRequestException("carried out, and the answer was lost");
        }
    }
}
