using Shop.Contracts;
using Shop.Contracts.Messages;
using Shop.Ordering.Checkout;
using Shop.Ordering.Orders;

namespace Shop.UnitTests.Ordering;

/// <summary>The real saga against model participants, under schedules in which messages are dropped, doubled, delayed and reordered, timeouts
/// fire and customers cancel. Whatever the schedule, once the network is fair again each order ends, all or nothing.</summary>
public sealed class SagaScheduleTests
{
    private const int Schedules = 3000;

    [Fact]
    public void Every_schedule_ends_all_or_nothing()
    {
        var outcomes = new Dictionary<OrderStatus, int>();
        for (var seed = 1; seed <= Schedules; seed++)
        {
            var world = new World(seed);
            world.Misbehave();
            world.Settle();
            foreach (var status in world.Check())
            {
                outcomes[status] = outcomes.GetValueOrDefault(status) + 1;
            }
        }

        // The schedules are worth something only if they reach every end.
        Assert.All([OrderStatus.Confirmed, OrderStatus.Rejected, OrderStatus.Cancelled], status => Assert.True(outcomes.GetValueOrDefault(status) > 100));
    }

    private sealed class World
    {
        private const int Orders = 3;

        private readonly Saga _saga = new(new CheckoutOptions());
        private readonly int _seed;
        private readonly Random _random;
        private readonly List<OrderMessage> _network = [];
        private readonly Dictionary<long, Order> _orders = [];
        private readonly HashSet<long> _cancelled = [];
        private readonly Dictionary<(long, string), OperationAnswered> _operations = [];
        private readonly Dictionary<long, string> _stock = [];
        private readonly Dictionary<long, string> _money = [];
        private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        private int _left = 2;
        private int _balance = 2;

        public World(int seed)
        {
            _seed = seed;
            _random = new Random(seed);
            for (var id = 1; id <= Orders; id++)
            {
                var order = Order.Place(id, 1, $"1/{id}", "", Saga.ProtocolName, [new OrderLine("x", "X", 1, new Money(1, "EUR"))], _now);
                _orders.Add(id, order);
                _network.AddRange(_saga.Start(order, _now));
            }
        }

        public void Misbehave()
        {
            for (var i = 0; i < 60; i++)
            {
                var some = _network.Count > 0 ? _random.Next(_network.Count) : -1;
                switch (_random.Next(10))
                {
                    case < 5 when some >= 0:
                        var message = _network[some];
                        _network.RemoveAt(some);
                        Deliver(message);
                        break;
                    case 5 when some >= 0:
                        Deliver(_network[some]); // and again later
                        break;
                    case 6 when some >= 0:
                        _network.RemoveAt(some);
                        break;
                    case 7:
                        Pass(TimeSpan.FromSeconds(_random.Next(20)));
                        break;
                    case 8:
                        Cancel(_orders[_random.Next(Orders) + 1]);
                        break;
                }
            }
        }

        public void Settle()
        {
            for (var i = 0; i < 200 && (_network.Count > 0 || _orders.Values.Any(o => !o.IsFinal)); i++)
            {
                foreach (var message in _network.ToList())
                {
                    _network.Remove(message);
                    Deliver(message);
                }

                Pass(TimeSpan.FromSeconds(31));
            }
        }

        public IEnumerable<OrderStatus> Check()
        {
            foreach (var (id, order) in _orders)
            {
                var (stock, money) = (_stock.GetValueOrDefault(id, "none"), _money.GetValueOrDefault(id, "none"));
                var why = $"seed {_seed}, order {id}: {order.Status}, stock {stock}, money {money}\n{order.HistoryText}";
                Assert.True(order.IsFinal, why);
                Assert.True(!_cancelled.Contains(id) || order.Status is OrderStatus.Cancelled, why);
                Assert.True(
                    order.Status is OrderStatus.Confirmed
                        ? (stock, money) is ("sold", "charged")
                        : stock is "none" or "released" && money is "none" or "refunded",
                    why);
                yield return order.Status;
            }

            Assert.Equal(2, _left + _stock.Values.Count(s => s is "held" or "sold"));
            Assert.Equal(2, _balance + _money.Values.Count(m => m is "charged"));
        }

        private void Cancel(Order order)
        {
            if (_saga.Cancel(order, _now) is { } commands)
            {
                _cancelled.Add(order.Id);
                _network.AddRange(commands);
            }
        }

        private void Pass(TimeSpan time)
        {
            _now += time;
            foreach (var order in _orders.Values.Where(o => o.DueAt <= _now))
            {
                _network.AddRange(_saga.OnDue(order, _now));
            }
        }

        private void Deliver(OrderMessage message)
        {
            if (message is OperationAnswered answer)
            {
                _network.AddRange(_saga.OnAnswer(_orders[answer.OrderId], answer, _now));
                return;
            }

            _network.Add(Execute(message));
        }

        // What the participants promise: each operation once, repeats answered from the record, a cancel shuts out its try.
        private OperationAnswered Execute(OrderMessage command)
        {
            var id = command.OrderId;
            return command switch
            {
                ReserveStock => Once(OperationNames.Reserve, () => _left > 0 && Set(_stock, "held", () => _left--)),
                TakeStock => Once(OperationNames.Take, () => _stock.GetValueOrDefault(id) == "held" && Set(_stock, "sold", () => { })),
                ReleaseStock => Once(OperationNames.Release, () => Undo(OperationNames.Reserve, _stock, "released", () => _left++)),
                ChargePayment => Once(OperationNames.Charge, () => _balance > 0 && Set(_money, "charged", () => _balance--)),
                RefundPayment => Once(OperationNames.Refund, () => Undo(OperationNames.Charge, _money, "refunded", () => _balance++)),
                _ => throw new InvalidOperationException(command.ToString()),
            };

            OperationAnswered Once(string operation, Func<bool> effect) => _operations.TryGetValue((id, operation), out var known)
                ? known
                : _operations[(id, operation)] = Answer(operation, effect());

            OperationAnswered Answer(string operation, bool done) =>
                new(id, "model", operation, done ? OperationOutcome.Done : OperationOutcome.Refused, done ? null : "refused", _now);

            bool Set(Dictionary<long, string> states, string state, Action effect)
            {
                states[id] = state;
                effect();
                return true;
            }

            bool Undo(string tried, Dictionary<long, string> states, string undone, Action effect)
            {
                _operations.TryAdd((id, tried), Answer(tried, done: false));
                return !states.ContainsKey(id) || Set(states, undone, effect);
            }
        }
    }
}
