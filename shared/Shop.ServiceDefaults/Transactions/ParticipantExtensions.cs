using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Shop.BuildingBlocks.Audit;
using Shop.BuildingBlocks.Messaging;
using Shop.BuildingBlocks.Storage;
using Shop.BuildingBlocks.Transactions;
using Shop.Contracts;
using Shop.Contracts.Messages;

namespace Shop.ServiceDefaults;

/// <summary>A participant as the coordinator calls it, and as an operator sees what it has prepared.</summary>
public static class ParticipantExtensions
{
    /// <summary>The way from a participant to the log of decisions.</summary>
    public static IServiceCollection AddDecisions(this IServiceCollection services) =>
        services.AddInternalClient(ServiceNames.Ordering).AddSingleton<IDecisions, DecisionClient>();

    public static void MapParticipant<TContext>(this IEndpointRouteBuilder routes) where TContext : ShopDbContext
    {
        routes.MapPost("/internal/commands", CommandAsync<TContext>).RequireServiceKey();

        var letters = routes.MapGroup("/internal/dead-letters").RequireServiceKey();
        letters.MapGet("/", MessagingEndpoints.Facts<TContext>);
        letters.MapPost("/{id}/requeue", MessagingEndpoints.RequeueAsync<TContext>);

        var prepared = routes.MapGroup("/ops/prepared").RequireOperatorKey();
        prepared.MapGet("/", PreparedAsync<TContext>);
        prepared.MapPost("/{orderId:long}/commit", CommitAsync<TContext>);
        prepared.MapPost("/{orderId:long}/rollback", RollBackAsync<TContext>);
    }

    /// <summary>Carries out commands for many orders, and answers those that have an outcome: one without an answer may be sent again.</summary>
    internal static async Task<IResult> CommandAsync<TContext>(HttpRequest request, CommandCalls<TContext> calls, CancellationToken cancellationToken)
        where TContext : ShopDbContext
    {
        using var reader = new StreamReader(request.Body);
        var undecodable = new List<Undecodable>();
        var messages = MessageCodec.Decode(await reader.ReadToEndAsync(cancellationToken), undecodable);
        return undecodable.Count > 0 || messages.Any(m => m is not OrderMessage)
            ? Problems.Validation(new Dictionary<string, string[]> { ["commands"] = ["Not a list of commands about orders."] })
            : TypedResults.Ok(await calls.ApplyAsync([.. messages.Cast<OrderMessage>()], cancellationToken));
    }

    internal static async Task<Ok<IReadOnlyList<PreparedView>>> PreparedAsync<TContext>(
        XaBranches<TContext> branches, Database<TContext> database, CancellationToken cancellationToken)
        where TContext : ShopDbContext =>
        TypedResults.Ok<IReadOnlyList<PreparedView>>(
            database.CanPrepare ? [.. (await branches.ListAsync(cancellationToken)).Select(PreparedView.Of)] : []);

    /// <summary>A heuristic decision: for when the log of decisions is gone for good. It may contradict what another branch did.</summary>
    internal static Task<IResult> CommitAsync<TContext>(
        long orderId, OperatorName who, XaBranches<TContext> branches, Database<TContext> database, AuditTrail audit, CancellationToken cancellationToken)
        where TContext : ShopDbContext => EndAsync(orderId, "branch.committed", who, branches, database, audit, branches.CommitAsync, cancellationToken);

    /// <inheritdoc cref="CommitAsync"/>
    internal static Task<IResult> RollBackAsync<TContext>(
        long orderId, OperatorName who, XaBranches<TContext> branches, Database<TContext> database, AuditTrail audit, CancellationToken cancellationToken)
        where TContext : ShopDbContext => EndAsync(orderId, "branch.rolled-back", who, branches, database, audit, branches.RollBackAsync, cancellationToken);

    private static async Task<IResult> EndAsync<TContext>(
        long orderId,
        string action,
        OperatorName who,
        XaBranches<TContext> branches,
        Database<TContext> database,
        AuditTrail audit,
        Func<long, CancellationToken, Task<OperationAnswered>> end,
        CancellationToken cancellationToken)
        where TContext : ShopDbContext
    {
        // Only what waits can be decided by hand: to undo something that was committed is a refund, not a rollback.
        if (!database.CanPrepare || (await branches.ListAsync(cancellationToken)).FirstOrDefault(b => b.Name.OrderId == orderId) is not { } prepared)
        {
            return Problems.NotFound();
        }

        // First, because no transaction can hold both: an entry without its effect is a question that can be asked, the reverse is not.
        await database.WriteAsync(
            db =>
            {
                var view = PreparedView.Of(prepared);
                audit.Write(db, who.Value, action, view.OrderId, view, after: null);
                return Task.CompletedTask;
            },
            cancellationToken);
        return TypedResults.Ok(await end(orderId, cancellationToken));
    }

    internal sealed record PreparedView(string OrderId, string Branch, DateTimeOffset PreparedAt)
    {
        public static PreparedView Of(PreparedTransaction prepared) => new(
            prepared.Name.OrderId.ToString(CultureInfo.InvariantCulture), prepared.Name.Branch, prepared.PreparedAt);
    }
}
