using Shop.BuildingBlocks.Messaging;
using Shop.Contracts;
using Shop.Contracts.Messages;

namespace Shop.UnitTests.Messaging;

public sealed class MessageCodecTests
{
    private static readonly List<Message> Every =
    [
        new ReserveStock(1, [new StockLine("umbrella", 2)]),
        new TakeStock(2),
        new ReleaseStock(3),
        new ChargePayment(4, 5, new Money(1999, "EUR")),
        new RefundPayment(6),
        new AuthorizePayment(8, 5, new Money(1999, "EUR"), DateTimeOffset.UnixEpoch),
        new CapturePayment(8),
        new VoidPayment(8),
        new PrepareBranch(9, ServiceNames.Inventory, [new ReserveStock(9, [new StockLine("umbrella", 2)], DateTimeOffset.UnixEpoch), new TakeStock(9)]),
        new CommitBranch(9, ServiceNames.Inventory),
        new RollBackBranch(9, ServiceNames.Payments),
        new OrderPlaced(10, 5, new Money(1999, "EUR"), [new StockLine("umbrella", 2)]),
        new OrderCancelled(10),
        new StockReserved(10, 5, new Money(1999, "EUR")),
        new PaymentCaptured(10),
        new PaymentDeclined(10),
        new CorrectRelease(11, "orphan-reservation:11:1"),
        new CorrectVoid(11, "orphan-authorization:11:1"),
        new CorrectRefund(11, "lost-refund:11:1"),
        new CorrectCharge(11, "sold-without-payment:11:1", 5, new Money(1999, "EUR")),
        new CorrectSurplus(11, "double-capture:11:1", 5, new Money(1999, "EUR")),
        new OperationAnswered(7, "inventory", "reserve", OperationOutcome.Refused, "out-of-stock", DateTimeOffset.UnixEpoch),
        new ProductChanged("umbrella", "Umbrella", new Money(1, "EUR"), 2),
        new PurgeProducts("umbrella"),
    ];

    [Fact]
    public void Every_message_survives_the_way_through_json()
    {
        var undecodable = new List<Undecodable>();
        var json = MessageCodec.Encode(Every);

        Assert.Equal(json, MessageCodec.Encode([.. MessageCodec.Decode(json, undecodable)]));
        Assert.Empty(undecodable);
        Assert.Equal(
            typeof(Message).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Message)) && !t.IsAbstract).Order(ByName),
            Every.Select(m => m.GetType()).Order(ByName));
    }

    [Fact]
    public void A_message_that_cannot_be_decoded_is_set_aside_and_its_neighbours_are_not()
    {
        var undecodable = new List<Undecodable>();

        var decoded = MessageCodec.Decode("""[{"type":"take-stock","orderId":1},{"type":"no-such"},{"orderId":3},null,{"type":"take-stock","orderId":4}]""", undecodable);

        Assert.Equal([new TakeStock(1), new TakeStock(4)], decoded);
        Assert.Equal(["[{\"type\":\"no-such\"}]", "[{\"orderId\":3}]", "[null]"], undecodable.Select(u => u.Payload));
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[{\"type\":\"take-stock\",\"orderId\":1}")]
    public void A_part_that_is_no_array_is_set_aside_whole(string part)
    {
        var undecodable = new List<Undecodable>();

        Assert.Empty(MessageCodec.Decode(part, undecodable));
        Assert.Equal(part, Assert.Single(undecodable).Payload);
    }

    [Fact]
    public void A_member_that_only_a_newer_sender_knows_is_skipped()
    {
        var undecodable = new List<Undecodable>();

        Assert.Equal([new TakeStock(1)], MessageCodec.Decode("""[{"type":"take-stock","orderId":1,"priority":9}]""", undecodable));
    }

    [Theory]
    [InlineData("""[{"type":"take-stock"}]""")]
    [InlineData("[null]")]
    [InlineData("""[{"type":"reserve-stock","orderId":1,"lines":null}]""")]
    public void A_message_without_what_it_needs_is_set_aside(string part)
    {
        var undecodable = new List<Undecodable>();

        Assert.Empty(MessageCodec.Decode(part, undecodable));
        Assert.Single(undecodable);
    }

    private static readonly Comparer<Type> ByName = Comparer<Type>.Create((a, b) => string.CompareOrdinal(a.Name, b.Name));
}
