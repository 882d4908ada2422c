using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Audit;
using Shop.BuildingBlocks.Messaging;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts.Facts;

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
        letters.MapPost("/{id}/requeue", RequeueByHandAsync<TContext>);
        letters.MapPut("/{id}", EditAsync<TContext>);
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

    /// <summary>As <see cref="RequeueAsync"/>, and who asked for it stands in the audit trail before it is tried.</summary>
    internal static async Task<Results<NoContent, Accepted<DeadLetter>, ProblemResult>> RequeueByHandAsync<TContext>(
        string id,
        OperatorName who,
        EnvelopeReceiver<TContext> receiver,
        Database<TContext> database,
        AuditTrail audit,
        CancellationToken cancellationToken)
        where TContext : ShopDbContext
    {
        await database.WriteAsync(
            async db =>
            {
                if (await db.DeadLetters.FindAsync([id], cancellationToken) is { } letter)
                {
                    audit.Write(db, who.Value, "dead-letter.requeued", id, letter, after: null);
                }
            },
            cancellationToken);
        return await RequeueAsync(id, receiver, cancellationToken);
    }

    internal static async Task<Results<NoContent, Accepted<DeadLetter>, ProblemResult>> RequeueAsync<TContext>(
        string id, EnvelopeReceiver<TContext> receiver, CancellationToken cancellationToken)
        where TContext : ShopDbContext => await receiver.RequeueAsync(id, cancellationToken) switch
        {
            { WasThere: false } => new ProblemResult(ProblemCatalogue.NotFound),
            { FailedAgain: { } letter } => TypedResults.Accepted((string?)null, letter),
            _ => TypedResults.NoContent(),
        };

    /// <summary>Gives the letter another text. Its id is made from the text, so it is another one afterwards; what it was stands in the audit trail.</summary>
    internal static async Task<IResult> EditAsync<TContext>(
        string id, DeadLetterEdit edit, OperatorName who, Database<TContext> database, AuditTrail audit, TimeProvider clock, CancellationToken cancellationToken)
        where TContext : ShopDbContext
    {
        var undecodable = new List<Undecodable>();
        if (MessageCodec.Decode(edit.Payload.StartsWith('{') ? $"[{edit.Payload}]" : edit.Payload, undecodable) is not [var message] || undecodable.Count > 0)
        {
            return Problems.Validation("payload", undecodable is [var first, ..] ? $"Not a message: {first.Error}" : "One message, no more and no fewer.");
        }

        var payload = MessageCodec.EncodeOne(message);
        var edited = await database.WriteAsync(
            async db =>
            {
                if (await db.DeadLetters.Where(l => l.Id == id).ForUpdate().SingleOrDefaultAsync(cancellationToken) is not { } letter)
                {
                    return null;
                }

                if (letter.Payload == payload)
                {
                    return letter;
                }

                var other = letter.Edited(payload, who.Value, clock.GetUtcNow());
                db.Remove(letter);
                audit.Write(db, who.Value, "dead-letter.edited", id, letter, other);
                return await db.DeadLetters.FindAsync([other.Id], cancellationToken) ?? db.Add(other).Entity;
            },
            cancellationToken);
        return edited is null ? Problems.NotFound() : TypedResults.Ok(edited);
    }

    /// <summary>The letters as reconciliation reads them.</summary>
    internal static IAsyncEnumerable<DeadLetterFact> Facts<TContext>(
        Database<TContext> database, MessagingTopology topology, CancellationToken cancellationToken)
        where TContext : ShopDbContext => database.SnapshotAsync(
            db => db.DeadLetters.OrderBy(l => l.Id).AsAsyncEnumerable().Select(l => l.ToFact(topology.Service)), cancellationToken);

    internal static async Task<Results<NoContent, ProblemResult>> DiscardAsync<TContext>(
        string id, OperatorName who, Database<TContext> database, AuditTrail audit, CancellationToken cancellationToken)
        where TContext : ShopDbContext
    {
        var wasThere = await database.WriteAsync(
            async db =>
            {
                if (await db.DeadLetters.Where(l => l.Id == id).ForUpdate().SingleOrDefaultAsync(cancellationToken) is not { } letter)
                {
                    return false;
                }

                db.Remove(letter);
                audit.Write(db, who.Value, "dead-letter.discarded", id, letter, after: null);
                return true;
            },
            cancellationToken);
        return wasThere ? TypedResults.NoContent() : new ProblemResult(ProblemCatalogue.NotFound);
    }
}
