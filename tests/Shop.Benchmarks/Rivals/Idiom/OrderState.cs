using MassTransit;

namespace Shop.Benchmarks.Rivals.Idiom;

/// <summary>What the state machine remembers of an order that is under way.</summary>
internal sealed class OrderState : SagaStateMachineInstance
{
    public Guid CorrelationId { get; set; }

    public string CurrentState { get; set; } = "";

    public int Sku { get; set; }

    public int Wallet { get; set; }

    public long Total { get; set; }
}
