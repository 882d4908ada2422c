using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts.Internal;
using Shop.Payments.Storage;
using Shop.ServiceDefaults;

namespace Shop.Payments.Customers;

internal static class CustomerEndpoints
{
    public static void MapCustomers(this IEndpointRouteBuilder routes)
    {
        var customers = routes.MapGroup("/internal").RequireServiceKey();
        customers.AddEndpointFilter((context, next) =>
            context.HttpContext.RequestServices.GetRequiredService<PasswordPermits>().RunAsync(context, next));
        customers.MapPost("/customers", RegisterAsync);
        customers.MapPost("/credentials", VerifyAsync);
    }

    internal static async Task<IResult> RegisterAsync(
        Credentials credentials, CustomerRegistration registration, CancellationToken cancellationToken)
    {
        if (credentials.Errors() is { Count: > 0 } errors)
        {
            return Problems.Validation(errors);
        }

        return await registration.TryRegisterAsync(credentials, cancellationToken) is { } customer
            ? TypedResults.Created(uri: (string?)null, customer)
            : Problems.NameTaken();
    }

    // The same work and the same words for a wrong password and for a name that nobody has.
    internal static async Task<IResult> VerifyAsync(
        Credentials credentials, Database<PaymentsDbContext> database, PasswordHasher passwords, CancellationToken cancellationToken)
    {
        var key = CustomerAccount.KeyOf(credentials.Name);

        // NUL is in no name, and PostgreSQL takes the question itself for an error.
        var customer = key.Contains('\0')
            ? null
            : await database.ReadAsync(db => db.Customers.SingleOrDefaultAsync(c => c.NameKey == key, cancellationToken), cancellationToken);

        return passwords.Verify(credentials.Password, customer?.PasswordHash)
            ? TypedResults.Ok(customer!.ToIdentity())
            : Problems.BadCredentials();
    }
}
