using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Messaging;
using Shop.BuildingBlocks.Storage;

namespace Shop.ServiceDefaults;

/// <summary>What an operator does about messages that could not be handled, and how many there are at all.</summary>
/// <remarks>Requeueing is safe to repeat: a message that was handled meanwhile is answered with what was recorded.</remarks>
public static class MessagingEndpoints
{
    public static void MapMessaging<TContext>(this IEndpointRouteBuilder routes)
        where TContext : ShopDbContext
    {
        var letters = routes.MapGroup("/ops/dead-letters").RequireOperatorKey();
        letters.MapGet("/", ListAsync<TContext>);
        letters.MapPost("/{id}/requeue", RequeueAsync<TContext>);
        letters.MapDelete("/{id}", DiscardAsync<TContext>);
        routes.MapGet("/ops/traffic", (Traffic traffic) => TypedResults.Ok(traffic)).RequireOperatorKey();
    }

    internal static async Task<PageResult<DeadLetter>> ListAsync<TContext>(
        PageRequest page, Database<TContext> database, CancellationToken cancellationToken)
        where TContext : ShopDbContext
    {
        var after = page.AfterText() ?? "";
        var letters = await database.ReadAsync(
            db => db.DeadLetters.Where(l => string.Compare(l.Id, after) > 0).OrderBy(l => l.Id).Take(page.Take).ToListAsync(cancellationToken),
            cancellationToken);
        return Page.Ok(letters, page, l => Cursor.From(l.Id));
    }

    // Handled first, removed second: a crash in between leaves a letter too many, never one too few.
    internal static async Task<Results<NoContent, Accepted<DeadLetter>, ProblemResult>> RequeueAsync<TContext>(
        string id, Database<TContext> database, EnvelopeReceiver<TContext> receiver, MessagingTopology topology, CancellationToken cancellationToken)
        where TContext : ShopDbContext
    {
        if (await FindAsync() is not { } letter)
        {
            return new ProblemResult(ProblemCatalogue.NotFound);
        }

        await receiver.ReceiveAsync(new Envelope(letter.Source, topology.Service, [letter.Payload]), cancellationToken);
        await database.WriteAsync(
            db => db.DeadLetters.Where(l => l.Id == id && l.Arrivals == letter.Arrivals).ExecuteDeleteAsync(cancellationToken), cancellationToken);
        return await FindAsync() is { } failedAgain ? TypedResults.Accepted((string?)null, failedAgain) : TypedResults.NoContent();

        Task<DeadLetter?> FindAsync() =>
            database.ReadAsync(db => db.DeadLetters.SingleOrDefaultAsync(l => l.Id == id, cancellationToken), cancellationToken);
    }

    internal static async Task<Results<NoContent, ProblemResult>> DiscardAsync<TContext>(
        string id, Database<TContext> database, CancellationToken cancellationToken)
        where TContext : ShopDbContext =>
        await database.WriteAsync(db => db.DeadLetters.Where(l => l.Id == id).ExecuteDeleteAsync(cancellationToken), cancellationToken) == 0
            ? new ProblemResult(ProblemCatalogue.NotFound)
            : TypedResults.NoContent();
}
