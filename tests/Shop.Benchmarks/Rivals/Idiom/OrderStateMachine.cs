using MassTransit;

namespace Shop.Benchmarks.Rivals.Idiom;

/// <summary>The checkout as MassTransit's documentation writes one: reserve, charge, finish; and release where the charge was refused.</summary>
internal sealed class OrderStateMachine : MassTransitStateMachine<OrderState>
{
    public OrderStateMachine()
    {
        InstanceState(order => order.CurrentState);

        Initially(
            When(Submitted)
                .Then(context => (context.Saga.Sku, context.Saga.Wallet, context.Saga.Total) = (context.Message.Sku, context.Message.Wallet, context.Message.Total))
                .Publish(context => new ReserveStock(context.Saga.CorrelationId, context.Saga.Sku))
                .TransitionTo(Reserving));

        During(
            Reserving,
            When(Reserved)
                .Publish(context => new ChargePayment(context.Saga.CorrelationId, context.Saga.Wallet, context.Saga.Total))
                .TransitionTo(Charging),
            When(NotReserved)
                .Publish(context => new FinishOrder(context.Saga.CorrelationId, Confirmed: false))
                .Finalize());

        During(
            Charging,
            When(Charged)
                .Publish(context => new FinishOrder(context.Saga.CorrelationId, Confirmed: true))
                .Finalize(),
            When(NotCharged)
                .Publish(context => new ReleaseStock(context.Saga.CorrelationId, context.Saga.Sku))
                .Publish(context => new FinishOrder(context.Saga.CorrelationId, Confirmed: false))
                .Finalize());

        SetCompletedWhenFinalized();
    }

    public State Reserving { get; private set; } = null!; // MassTransit sets states and events, by their names

    public State Charging { get; private set; } = null!;

    public Event<OrderSubmitted> Submitted { get; private set; } = null!;

    public Event<StockReserved> Reserved { get; private set; } = null!;

    public Event<StockRefused> NotReserved { get; private set; } = null!;

    public Event<PaymentCharged> Charged { get; private set; } = null!;

    public Event<PaymentRefused> NotCharged { get; private set; } = null!;
}
