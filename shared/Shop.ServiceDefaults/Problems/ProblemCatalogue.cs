using System.Collections.Immutable;

namespace Shop.ServiceDefaults;

/// <summary>Every problem that the public API can answer with; the pages under <c>/problems/</c> are made from this table.</summary>
/// <remarks>A request that Kestrel cannot parse at all (a bad request line, headers too large) is answered by Kestrel, without a body.</remarks>
public static class ProblemCatalogue
{
    public static readonly ProblemType ValidationFailed = new("validation-failed", "The request is not valid", 400,
        "A value is missing, unknown, of the wrong type or out of range. The member 'errors' names each one. Nothing was changed.");

    public static readonly ProblemType MalformedJson = new("malformed-json", "The body is not JSON", 400,
        "The body could not be parsed as one JSON document in UTF-8.");

    public static readonly ProblemType BadRequest = new("bad-request", "The request cannot be understood", 400,
        "The request breaks the rules of HTTP, for instance by ending before its body is complete.");

    public static readonly ProblemType IdempotencyKeyMissing = new("idempotency-key-missing", "Idempotency-Key is missing", 400,
        "This operation needs the header Idempotency-Key, so that a retry can be told from a second wish. Send a new UUID for each new wish.");

    public static readonly ProblemType IdempotencyKeyInvalid = new("idempotency-key-invalid", "Idempotency-Key is malformed", 400,
        "The key must be 1 to 255 printable ASCII characters, raw or as a quoted string, sent once.");

    public static readonly ProblemType CheckoutNotSupported = new("checkout-not-supported", "This checkout is not supported here", 400,
        "The way to check out is unknown, or the database that this shop runs on cannot do it. Choose another one.");

    public static readonly ProblemType Unauthorized = new("unauthorized", "You are not logged in", 401,
        "No valid session came with the request: log in, and send its cookie or its token.");

    public static readonly ProblemType BadCredentials = new("bad-credentials", "Name or password is wrong", 401,
        "The same answer is given for an unknown name and for a wrong password.");

    public static readonly ProblemType Forbidden = new("forbidden", "This request is not allowed", 403,
        "The request did not come the way it must, for instance past the gateway.");

    public static readonly ProblemType CrossSite = new("cross-site", "Cross-site requests are refused", 403,
        "A request that changes something and is authenticated by the cookie must come from the shop's own pages, or carry a token instead.");

    public static readonly ProblemType NotFound = new("not-found", "There is nothing here", 404,
        "No such route or resource. A resource of another customer gives the same answer.");

    public static readonly ProblemType MethodNotAllowed = new("method-not-allowed", "The method is not allowed here", 405,
        "The header Allow lists the methods that are.");

    public static readonly ProblemType RequestTimeout = new("request-timeout", "The request came too slowly", 408,
        "The headers or the body did not arrive in time.");

    public static readonly ProblemType RequestInProgress = new("request-in-progress", "The same request is being worked on", 409,
        "A request with the same Idempotency-Key has not finished yet. Ask again with the same key after Retry-After.");

    public static readonly ProblemType NotCancellable = new("not-cancellable", "The order cannot be cancelled", 409,
        "The order was rejected or cancelled already.");

    public static readonly ProblemType NotStoppable = new("not-stoppable", "The order cannot be stopped", 409,
        "It is final, or past the point from which it only goes forward: cancel it when it is confirmed, or wait until it needs attention.");

    public static readonly ProblemType AlreadyDecided = new("already-decided", "The proposal is decided", 409,
        "It was approved or rejected already, or what it speaks of is gone.");

    public static readonly ProblemType Locked = new("locked", "Somebody else is working on this", 409,
        "Another operator's request holds the lock. Nothing was changed. Come back after Retry-After.");

    public static readonly ProblemType LockLost = new("lock-lost", "The lock was lost", 409,
        "The work took longer than its lock was held, and somebody else may have begun the same. Nothing was changed: look again, then repeat it.");

    public static readonly ProblemType CountBelowHeld = new("count-below-held", "The count is below what is held", 409,
        "Orders hold more of this product than were counted. Nothing was changed: count again, or let orders go first.");

    public static readonly ProblemType WalletNotEmpty = new("wallet-not-empty", "The wallet is not empty", 409,
        "It has a balance, or an order holds money of it. Nothing was changed.");

    public static readonly ProblemType WalletClosed = new("wallet-closed", "The wallet is closed", 409,
        "An operator has closed it: nothing can be paid in or charged any more. What an order gives back still comes in.");

    public static readonly ProblemType JobRunning = new("job-running", "The job is running", 409,
        "A run of it has not finished, and there is never a second one beside it. Ask again when it has.");

    public static readonly ProblemType NameTaken = new("name-taken", "The name is taken", 409,
        "Another customer has this name. Choose another one.");

    public static readonly ProblemType PreconditionFailed = new("precondition-failed", "The resource has changed", 412,
        "If-Match names a version that is not the current one; 'currentVersion' is. Read again, then decide again.");

    public static readonly ProblemType BodyTooLarge = new("body-too-large", "The body is too large", 413,
        "Bodies are limited to 64 KiB unless configured otherwise.");

    public static readonly ProblemType UnsupportedMediaType = new("unsupported-media-type", "The body must be JSON", 415,
        "Send the body as application/json.");

    public static readonly ProblemType IdempotencyKeyReused = new("idempotency-key-reused", "Idempotency-Key was used for another request", 422,
        "The same key came before with another body. Use a new key for a new wish; repeat the same body to repeat the old one.");

    public static readonly ProblemType QuotaExceeded = new("quota-exceeded", "Too many requests", 429,
        "The header RateLimit-Policy states the quota, Retry-After when to come back.");

    public static readonly ProblemType InternalError = new("internal-error", "Something went wrong here", 500,
        "A bug or a broken part of the shop. The traceId helps to find it. Whether the request had an effect is unknown: repeat it with the same key.");

    public static readonly ProblemType Overloaded = new("overloaded", "The shop is busy", 503,
        "More requests arrive than can be served; this one was refused before it had any effect. Come back after Retry-After.");

    public static readonly ProblemType DependencyUnavailable = new("dependency-unavailable", "A part of the shop is away", 503,
        "A service or a database does not answer. Whether the request had an effect is unknown: repeat it with the same key after Retry-After.");

    public static readonly ProblemType ConsistencyUnavailable = new("consistency-unavailable", "This consistency cannot be given now", 503,
        "No copy that may be asked is fresh enough for the level. Come back after Retry-After, or ask for a weaker level.");

    public static ImmutableArray<ProblemType> All { get; } =
    [
        ValidationFailed, MalformedJson, BadRequest, IdempotencyKeyMissing, IdempotencyKeyInvalid, CheckoutNotSupported, Unauthorized,
        BadCredentials, Forbidden, CrossSite, NotFound, MethodNotAllowed, RequestTimeout, RequestInProgress, NotCancellable, NotStoppable,
        AlreadyDecided, JobRunning, Locked, LockLost, CountBelowHeld, WalletNotEmpty, WalletClosed, NameTaken,
        PreconditionFailed, BodyTooLarge, UnsupportedMediaType, IdempotencyKeyReused, QuotaExceeded, InternalError, Overloaded,
        DependencyUnavailable, ConsistencyUnavailable,
    ];

    public static ProblemType? Find(string slug) => All.FirstOrDefault(type => type.Slug == slug);

    /// <summary>The problem for a status code that came without a body.</summary>
    public static ProblemType ForStatus(int status) => status switch
    {
        400 => BadRequest,
        401 => Unauthorized,
        403 => Forbidden,
        404 => NotFound,
        405 => MethodNotAllowed,
        408 => RequestTimeout,
        412 => PreconditionFailed,
        413 => BodyTooLarge,
        415 => UnsupportedMediaType,
        429 => QuotaExceeded,
        502 or 503 or 504 => DependencyUnavailable,
        < 500 => BadRequest with { Status = status },
        _ => InternalError,
    };
}
