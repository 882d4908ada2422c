namespace Shop.Payments.Deposits;

/// <summary>Money that a customer paid in, once per key whatever the number of requests.</summary>
internal sealed class Deposit
{
    private Deposit(long id, string idempotencyKey, string fingerprint, long customerId, long amount, DateTimeOffset createdAt)
    {
        Id = id;
        IdempotencyKey = idempotencyKey;
        Fingerprint = fingerprint;
        CustomerId = customerId;
        Amount = amount;
        CreatedAt = createdAt;
    }

    public long Id { get; private set; }

    public string IdempotencyKey { get; private set; }

    public string Fingerprint { get; private set; }

    public long CustomerId { get; private set; }

    public long Amount { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public static Deposit Create(long id, long customerId, string key, string fingerprint, long amount, DateTimeOffset at) =>
        new(id, KeyOf(customerId, key), fingerprint, customerId, amount, at);

    public static string KeyOf(long customerId, string key) => $"{customerId}/{key}";
}
