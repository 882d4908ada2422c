using Shop.Contracts.Internal;

namespace Shop.Payments.Customers;

/// <summary>Who may log in. The name is unique without regard to case; the database decides who gets it.</summary>
internal sealed class CustomerAccount
{
    private CustomerAccount(long id, string name, string nameKey, string passwordHash, DateTimeOffset createdAt)
    {
        Id = id;
        Name = name;
        NameKey = nameKey;
        PasswordHash = passwordHash;
        CreatedAt = createdAt;
    }

    public long Id { get; private set; }

    public string Name { get; private set; }

    public string NameKey { get; private set; }

    public string PasswordHash { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public static CustomerAccount Create(long id, string name, string passwordHash, DateTimeOffset at) =>
        new(id, name, KeyOf(name), passwordHash, at);

    public static string KeyOf(string name) => name.ToLowerInvariant();

    public CustomerIdentity ToIdentity() => new(Id, Name);
}
