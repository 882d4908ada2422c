namespace Shop.Contracts.Internal;

/// <summary>Name and password, for registration (<c>POST /internal/customers</c>) and login (<c>POST /internal/credentials</c>).</summary>
public sealed record Credentials(string Name, string Password);

/// <summary>A customer as the gateway knows one.</summary>
public sealed record CustomerIdentity(long Id, string Name);
