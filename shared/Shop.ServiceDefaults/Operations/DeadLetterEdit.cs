namespace Shop.ServiceDefaults;

/// <summary>The text that a dead letter should have had: one message, alone or in an array.</summary>
/// <remarks>That it can be decoded is checked; whether it makes sense is found out when it is requeued.</remarks>
public sealed record DeadLetterEdit(string Payload);
