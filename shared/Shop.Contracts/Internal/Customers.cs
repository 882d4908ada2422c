namespace Shop.Contracts.Internal;

/// <summary>Name and password, for registration (<c>POST /internal/customers</c>) and login (<c>POST /internal/credentials</c>).</summary>
public sealed record Credentials(string Name, string Password);

/// <summary>A customer as the gateway knows one.</summary>
public sealed record CustomerIdentity(long Id, string Name);

/// <summary>Customers for a load or a demonstration (<c>POST /ops/customers</c>): <c>{Prefix}-{First}</c> and the <c>Count - 1</c> after it, all with
/// one password, and each with <paramref name="Deposit"/> cents on top of the welcome balance.</summary>
public sealed record SeedCustomers(string Prefix, int First, int Count, string Password, long Deposit);

/// <summary>How many of them were made now, and how many had been there before and were left as they are.</summary>
public sealed record SeededCustomers(int Made, int Existing);
