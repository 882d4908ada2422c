using System.Net;
using Shop.Contracts;
using Shop.Contracts.Internal;
using Shop.ServiceDefaults;

namespace Shop.Gateway.Customers;

/// <summary>Payments owns the customers; this asks it, and turns its refusals into ours.</summary>
internal sealed class PaymentsClient(IHttpClientFactory clients)
{
    public Task<HttpResponseMessage> RegisterAsync(Credentials credentials, CancellationToken cancellationToken) =>
        PostAsync("internal/customers", credentials, cancellationToken);

    public Task<HttpResponseMessage> LogInAsync(Credentials credentials, CancellationToken cancellationToken) =>
        PostAsync("internal/credentials", credentials, cancellationToken);

    public async Task<CustomerIdentity> CustomerAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        await response.Content.ReadFromJsonAsync<CustomerIdentity>(cancellationToken)
        ?? throw new HttpRequestException("Payments answered without a customer.");

    /// <summary>A validation problem is passed on; anything else that was not expected means that payments is not well.</summary>
    public async Task<IResult> RefusalAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        response.StatusCode is HttpStatusCode.BadRequest
        && await response.Content.ReadFromJsonAsync<ProblemBody>(cancellationToken) is { Errors: { } errors }
            ? Problems.Validation(errors.ToDictionary())
            : Problems.Unavailable();

    private Task<HttpResponseMessage> PostAsync(string path, Credentials credentials, CancellationToken cancellationToken) =>
        clients.CreateClient(ServiceNames.Payments).PostAsJsonAsync(path, credentials, cancellationToken);
}
