using System.Net;
using Shop.Contracts;
using Shop.ServiceDefaults;

namespace Shop.Gateway.Carts;

/// <summary>Whether inventory has a SKU. A yes is remembered for a while, a no is not: the product may be added any moment.</summary>
internal sealed class ProductLookup(IHttpClientFactory clients, TimeProvider time)
{
    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan RememberedFor = TimeSpan.FromMinutes(5);

    private readonly ExpiringCache<string, bool> _known = new(MaxRemembered, time);

    public async ValueTask<bool> ExistsAsync(string sku, CancellationToken cancellationToken)
    {
        // What does not look like a SKU never becomes part of an internal address.
        if (!Sku.IsWellFormed(sku))
        {
            return false;
        }

        if (_known.TryGet(sku, out _))
        {
            return true;
        }

        using var response = await clients.CreateClient(ServiceNames.Inventory).GetAsync($"api/v1/products/{sku}", cancellationToken);
        if (response.StatusCode is HttpStatusCode.NotFound)
        {
            return false;
        }

        response.EnsureSuccessStatusCode();
        _known.Set(sku, true, time.GetUtcNow() + RememberedFor);
        return true;
    }
}
