using System.Security.Cryptography;
using System.Text;
using Shop.Contracts.Facts;

namespace Shop.BuildingBlocks.Messaging;

/// <summary>A message that could not be handled, parked for an operator. Its id is the hash of its text, so a repeat counts up one row.</summary>
/// <remarks>Parking is not an answer: the sender goes on repeating, and a repeat that succeeds makes the letter moot.</remarks>
public sealed class DeadLetter(string id, string source, string payload, string error, DateTimeOffset firstAt)
{
    public string Id { get; private set; } = id;

    public string Source { get; private set; } = source;

    public string Payload { get; private set; } = payload;

    public string Error { get; private set; } = error;

    public int Arrivals { get; private set; } = 1;

    public DateTimeOffset FirstAt { get; private set; } = firstAt;

    public DateTimeOffset LastAt { get; private set; } = firstAt;

    public static string IdOf(string payload) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(payload)))[..32];

    /// <summary>This letter with another text, and so with another id.</summary>
    public DeadLetter Edited(string payload, string by, DateTimeOffset at) => new(IdOf(payload), Source, payload, $"edited by {by}; before: {Error}", at);

    public DeadLetterFact ToFact(string service) => new(service, Id, Source, Error, Arrivals, LastAt);

    public void ArriveAgain(string error, DateTimeOffset at)
    {
        Error = error;
        Arrivals++;
        LastAt = at;
    }
}
