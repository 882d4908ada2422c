using System.Text.Json;
using System.Text.Json.Serialization;
using Shop.Contracts.Messages;

namespace Shop.BuildingBlocks.Messaging;

/// <summary>Messages to JSON and back. Unknown members are skipped, so that a newer sender can talk to an older receiver.</summary>
public static class MessageCodec
{
    public static string Encode(List<Message> messages) => JsonSerializer.Serialize(messages, MessageJson.Default.ListMessage);

    public static string EncodeOne(Message message) => Encode([message]);

    /// <summary>Decodes a part. What cannot be decoded comes back as the text it was, one entry for each message or for the whole part.</summary>
    public static IReadOnlyList<Message> Decode(string part, List<Undecodable> undecodable)
    {
        try
        {
            var messages = JsonSerializer.Deserialize(part, MessageJson.Default.ListMessage) ?? throw new JsonException("null is not a message");
            return messages.Contains(null!) ? DecodeEach(part, "null is not a message", undecodable) : messages;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            return DecodeEach(part, exception.Message, undecodable);
        }
    }

    private static List<Message> DecodeEach(string part, string error, List<Undecodable> undecodable)
    {
        var messages = new List<Message>();
        try
        {
            using var array = JsonDocument.Parse(part);
            foreach (var element in array.RootElement.EnumerateArray())
            {
                try
                {
                    messages.Add(element.Deserialize(MessageJson.Default.Message) ?? throw new JsonException("null is not a message"));
                }
                catch (Exception exception) when (exception is JsonException or NotSupportedException)
                {
                    undecodable.Add(new($"[{element.GetRawText()}]", exception.Message));
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            undecodable.Add(new(part, error));
        }

        return messages;
    }
}

/// <summary>Text that is no message of this version, and why.</summary>
public sealed record Undecodable(string Payload, string Error);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, GenerationMode = JsonSourceGenerationMode.Metadata, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(List<Message>))]
internal sealed partial class MessageJson : JsonSerializerContext;
