namespace Shop.BuildingBlocks.Sessions;

/// <summary>What one gateway tells another of its sessions. To take it in twice, late or in another order ends in the same state.</summary>
/// <param name="Node">Who tells.</param>
public sealed record SessionNews(string Node, IReadOnlyList<SessionState> Sessions, IReadOnlyList<LogoutState> Logouts);

/// <summary>A session, or the part of it that has changed.</summary>
/// <param name="Key">The hash of its token: who reads it cannot log in.</param>
/// <param name="Logins">The number of its customer's last log-out everywhere when it began; below the customer's number it is over.</param>
/// <param name="HasEnded">It was logged out, and nothing brings it back.</param>
/// <param name="Changes">How many changes of the cart each gateway has made; their sum is the cart's version.</param>
public sealed record SessionState(
    string Key, long CustomerId, string Name, long CreatedAt, long ExpiresAt, long Logins, bool HasEnded,
    IReadOnlyDictionary<string, long> Changes, IReadOnlyDictionary<string, LineState> Lines);

/// <summary>A line of a cart. Of two, the one with the higher stamp holds, then the one whose gateway has the greater name.</summary>
/// <param name="Quantity">0: taken out.</param>
/// <param name="AddedIn">The cart's version with which it came into the cart.</param>
/// <param name="Stamp">The cart's version with which it became like this.</param>
public sealed record LineState(int Quantity, long AddedIn, long Stamp, string Node);

/// <summary>The last time that a customer has logged out everywhere.</summary>
/// <param name="Logins">A number that grows each time, not below the time in milliseconds.</param>
/// <param name="At">When this was last so, in milliseconds: when every session of before is over anyway, it may be forgotten.</param>
public sealed record LogoutState(long CustomerId, long Logins, long At);

/// <summary>A part of what a gateway knows, in the order in which it came to know it.</summary>
/// <param name="Run">A name for this start of the gateway; positions of another run mean nothing.</param>
/// <param name="Position">Where to go on.</param>
/// <param name="IsAll">Nothing follows at the moment.</param>
public sealed record SessionPage(string Run, long Position, bool IsAll, SessionNews News);

/// <summary>A log-out is not known to every gateway yet.</summary>
/// <remarks>It holds at those that answered, and the others hear of it when they can be reached.</remarks>
public sealed class SessionPeersAwayException() : Exception("Not every gateway has confirmed that the session is over.");
