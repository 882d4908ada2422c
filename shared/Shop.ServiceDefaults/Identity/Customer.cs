using System.Reflection;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace Shop.ServiceDefaults;

/// <summary>Who asks, as the gateway vouches for it; a handler parameter of this type is the customer of the request.</summary>
/// <remarks>It says who, not whether: that an order belongs to this customer is the query's business.</remarks>
public sealed record Customer(long Id, string Name) : IBindableFromHttpContext<Customer>
{
    public static ValueTask<Customer?> BindAsync(HttpContext context, ParameterInfo parameter) =>
        ValueTask.FromResult<Customer?>(Of(context.User) ?? throw new ProblemException(ProblemCatalogue.Unauthorized));

    /// <summary>The customer behind a principal, or null for an anonymous one or another kind of caller.</summary>
    public static Customer? Of(ClaimsPrincipal principal) => (principal.Identity as CustomerClaims)?.Customer;

    public ClaimsPrincipal ToPrincipal(string authenticationType) => new(new CustomerClaims(this, authenticationType));

    private sealed class CustomerClaims(Customer customer, string authenticationType) : ClaimsIdentity(authenticationType)
    {
        public Customer Customer => customer;

        public override string Name => customer.Name;
    }
}
