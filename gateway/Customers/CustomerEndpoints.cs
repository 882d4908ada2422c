using System.Globalization;
using System.Net;
using Shop.Contracts.Internal;
using Shop.Gateway.Limits;
using Shop.ServiceDefaults;

namespace Shop.Gateway.Customers;

internal sealed record Register(string Name, string Password);

internal sealed record Registered(string Id, string Name);

internal static class CustomerEndpoints
{
    public static void MapCustomers(this IEndpointRouteBuilder routes) => routes
        .MapPost("/customers", RegisterAsync)
        .WithTags("Customers")
        .WithName("register")
        .WithSummary("Register a customer, with a wallet and a welcome balance")
        .Produces<Registered>(StatusCodes.Status201Created)
        .Refuses(ProblemCatalogue.NameTaken);

    internal static async Task<IResult> RegisterAsync(
        Register request, HttpContext context, Quotas quotas, PaymentsClient payments, CancellationToken cancellationToken)
    {
        if (await quotas.TakeForLoginAsync(context, request.Name) is { } refusal)
        {
            return refusal;
        }

        using var response = await payments.RegisterAsync(new Credentials(request.Name, request.Password), cancellationToken);
        if (response.StatusCode is not HttpStatusCode.Created)
        {
            return response.StatusCode is HttpStatusCode.Conflict ? Problems.NameTaken() : await payments.RefusalAsync(response, cancellationToken);
        }

        var customer = await payments.CustomerAsync(response, cancellationToken);
        return TypedResults.Created((string?)null, new Registered(customer.Id.ToString(CultureInfo.InvariantCulture), customer.Name));
    }
}
