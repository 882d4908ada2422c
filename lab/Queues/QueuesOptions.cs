namespace Shop.Lab.Queues;

internal sealed record QueuesOptions(int Port, int Rounds, int Envelopes, int Messages, int Senders);
