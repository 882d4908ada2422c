using System.Net.Http.Json;
using Shop.BuildingBlocks.Transactions;
using Shop.Contracts;
using Shop.Contracts.Internal;

namespace Shop.ServiceDefaults;

/// <summary>Asks ordering, which coordinates, for its decisions.</summary>
internal sealed class DecisionClient(IHttpClientFactory http) : IDecisions
{
    public async Task<IReadOnlyList<Decision>> ResolveAsync(IReadOnlyList<long> orderIds, CancellationToken cancellationToken)
    {
        using var ordering = http.CreateClient(ServiceNames.Ordering);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/internal/decisions") { Content = JsonContent.Create(new ResolveDecisions(orderIds)) };
        using var response = await ordering.SendAsync(request.MarkIdempotent(), cancellationToken);
        return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<List<Decision>>(cancellationToken))!;
    }
}
