using Shop.BuildingBlocks.Messaging;

namespace Shop.Lab.Queues;

/// <summary>One round on one kind of queue: envelopes per second sent while nobody takes them, taken from the full queue, and both at once;
/// milliseconds for the confirm of one that is alone.</summary>
internal sealed record QueueRound(QueueKind Kind, double Sent, double Taken, double Both, double ConfirmMilliseconds);
