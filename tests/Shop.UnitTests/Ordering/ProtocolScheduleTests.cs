using Shop.Contracts;
using Shop.Contracts.Messages;
using Shop.Ordering.Checkout;
using Shop.Ordering.Orders;

namespace Shop.UnitTests.Ordering;

/// <summary>The real protocols against model participants, under schedules in which messages are dropped, doubled, delayed and reordered, timeouts
/// fire, customers cancel, operators give up and participants ask what was decided. Whatever the schedule, once the network is fair again each
/// order ends, all or nothing.</summary>
public sealed class ProtocolScheduleTests
{
    private const int Schedules = 3000;

    public static TheoryData<string> Protocols => [Saga.ProtocolName, Tcc.ProtocolName, Xa.ProtocolName, Choreography.ProtocolName];

    [Theory]
    [MemberData(nameof(Protocols))]
    public void Every_schedule_ends_all_or_nothing(string protocol)
    {
        var outcomes = new Dictionary<OrderStatus, int>();
        for (var seed = 1; seed <= Schedules; seed++)
        {
            var world = new World(protocol, seed);
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

        private readonly CheckoutProtocol _protocol;
        private readonly int _seed;
        private readonly Random _random;
        private readonly List<OrderMessage> _network = [];
        private readonly Dictionary<long, Order> _orders = [];
        private readonly HashSet<long> _cancelled = [];
        private readonly Dictionary<long, bool> _decisions = [];
        private readonly Model _stock = new(2);
        private readonly Model _money = new(2);
        private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public World(string protocol, int seed)
        {
            var options = new CheckoutOptions { AttentionAfter = 2 }; // soon, so that orders are given up after the point of no return too
            _protocol = new CheckoutProtocol[] { new Saga(options), new Tcc(options), new Xa(options), new Choreography(options) }
                .Single(p => p.Name == protocol);
            _seed = seed;
            _random = new Random(seed);
            for (var id = 1; id <= Orders; id++)
            {
                var order = Order.Place(id, 1, $"1/{id}", "", protocol, [new OrderLine("x", "X", 1, new Money(1, "EUR"))], _now);
                _orders.Add(id, order);
                Send(order, _protocol.Start(order, _now));
            }
        }

        public void Misbehave()
        {
            for (var i = 0; i < 60; i++)
            {
                var some = _network.Count > 0 ? _random.Next(_network.Count) : -1;
                switch (_random.Next(11))
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
                    case 9:
                        Recover();
                        break;
                    case 10 when _random.Next(8) == 0:
                        ForceStop(_orders[_random.Next(Orders) + 1]);
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
                Recover();
            }
        }

        public IEnumerable<OrderStatus> Check()
        {
            foreach (var (id, order) in _orders)
            {
                var (stock, money) = (_stock.StateOf(id), _money.StateOf(id));
                var why = $"{_protocol.Name}, seed {_seed}, order {id}: {order.Status}, stock {stock}, money {money}\n{order.HistoryText}";
                Assert.True(order.IsFinal, why);
                Assert.True(!_cancelled.Contains(id) || order.Status is OrderStatus.Cancelled, why);
                Assert.True(order.Status is OrderStatus.Confirmed ? (stock, money) is ("done", "done") : (stock, money) is ("none", "none"), why);
                yield return order.Status;
            }

            Assert.Equal(2, _stock.Left + _orders.Keys.Count(id => _stock.StateOf(id) is not "none"));
            Assert.Equal(2, _money.Left + _orders.Keys.Count(id => _money.StateOf(id) is not "none"));
        }

        private void Cancel(Order order)
        {
            if (_protocol.Cancel(order, _now) is { } commands)
            {
                _cancelled.Add(order.Id);
                Send(order, commands);
            }
        }

        private void ForceStop(Order order)
        {
            if (_protocol.ForceStop(order, _now) is { } commands)
            {
                Send(order, commands);
            }
        }

        private void Pass(TimeSpan time)
        {
            _now += time;
            foreach (var order in _orders.Values.Where(o => o.DueAt <= _now))
            {
                Send(order, _protocol.OnDue(order, _now));
            }
        }

        // A participant that holds or has prepared something asks what was decided; no decision yet is one from now on.
        private void Recover()
        {
            foreach (var (model, confirm, cancel) in new[] { (_stock, "take", "release"), (_money, "capture", "void") })
            {
                foreach (var id in _orders.Keys.Where(id => _protocol.Calls && model.StateOf(id) is "held" or "prepared"))
                {
                    _decisions.TryAdd(id, false);
                    _ = (model.StateOf(id), _decisions[id]) switch
                    {
                        ("held", var commit) => model.Execute(id, commit ? confirm : cancel),
                        (_, true) => model.Commit(id),
                        _ => model.RollBack(id),
                    };
                }
            }
        }

        private void Send(Order order, OrderMessage[] commands)
        {
            foreach (var command in commands)
            {
                if (command is Decide decide)
                {
                    _decisions.TryAdd(order.Id, decide.Commit);
                    var decided = new OperationAnswered(
                        order.Id, ServiceNames.Ordering, Decide.Operation, _decisions[order.Id] ? OperationOutcome.Done : OperationOutcome.Refused, null, _now);
                    Send(order, _protocol.OnAnswer(order, decided, _now));
                    continue;
                }

                foreach (var destination in Checkouts.DestinationsOf(command))
                {
                    _network.Add(command is OrderCancelled ? new Addressed(command, destination) : command);
                }
            }
        }

        private void Deliver(OrderMessage message)
        {
            if (message is OperationAnswered answer)
            {
                Send(_orders[answer.OrderId], _protocol.OnAnswer(_orders[answer.OrderId], answer, _now));
                return;
            }

            foreach (var said in Execute(message))
            {
                _network.Add(said);
            }
        }

        private IEnumerable<OrderMessage> Execute(OrderMessage message)
        {
            var id = message.OrderId;
            if ((message is ReleaseStock && _stock.StateOf(id) is "prepared") || (message is RefundPayment && _money.StateOf(id) is "prepared"))
            {
                return []; // it waits for what the prepared transaction has locked, and is sent again
            }

            return message switch
            {
                ReserveStock => [Stock("reserve")],
                TakeStock => [Stock("take")],
                ReleaseStock or PaymentDeclined or Addressed { Destination: ServiceNames.Inventory } => [Stock("release")],
                PaymentCaptured => [Stock("take")],
                ChargePayment => [Money("charge")],
                AuthorizePayment => [Money("authorize")],
                CapturePayment => [Money("capture")],
                VoidPayment => [Money("void")],
                RefundPayment or Addressed => [Money("refund")],
                OrderPlaced placed => Stock("reserve") is { Outcome: OperationOutcome.Done } reserved
                    ? [reserved, new StockReserved(id, placed.CustomerId, placed.Total)]
                    : [Stock("reserve")],
                StockReserved => Money("charge") is { Outcome: OperationOutcome.Done } charged
                    ? [charged, new PaymentCaptured(id)]
                    : [Money("charge"), new PaymentDeclined(id)],
                PrepareBranch { Branch: ServiceNames.Inventory } => [Answer(ServiceNames.Inventory, "prepare", _stock.Prepare(id, "reserve", "take"))],
                PrepareBranch => [Answer(ServiceNames.Payments, "prepare", _money.Prepare(id, "charge"))],
                CommitBranch commit => [Answer(commit.Branch, "commit", ModelOf(commit.Branch).Commit(id))],
                RollBackBranch rollBack => [Answer(rollBack.Branch, "rollback", ModelOf(rollBack.Branch).RollBack(id))],
                _ => throw new InvalidOperationException(message.ToString()),
            };

            OperationAnswered Stock(string operation) => Answer(ServiceNames.Inventory, operation, _stock.Execute(id, operation));
            OperationAnswered Money(string operation) => Answer(ServiceNames.Payments, operation, _money.Execute(id, operation));
            Model ModelOf(string service) => service is ServiceNames.Inventory ? _stock : _money;
            OperationAnswered Answer(string service, string operation, bool done) =>
                new(id, service, operation, done ? OperationOutcome.Done : OperationOutcome.Refused, done ? null : "refused", _now);
        }

        private sealed record Addressed(OrderMessage Message, string Destination) : OrderMessage(Message.OrderId);
    }

    /// <summary>What a participant promises, over so many pieces: each operation once, repeats answered from the record, an undo shuts out its try.</summary>
    private sealed class Model(int pieces)
    {
        private readonly Dictionary<(long, string), bool> _operations = [];
        private readonly Dictionary<long, string> _states = [];
        private readonly Dictionary<long, string[]> _prepared = [];

        public int Left { get; private set; } = pieces;

        public string StateOf(long id) => _prepared.ContainsKey(id) ? "prepared" : _states.GetValueOrDefault(id, "none");

        public bool Execute(long id, string operation) => _operations.TryGetValue((id, operation), out var known)
            ? known
            : _operations[(id, operation)] = operation switch
            {
                "reserve" or "authorize" => Left > 0 && Set(id, "held", -1),
                "charge" => Left > 0 && Set(id, "done", -1),
                "take" or "capture" => StateOf(id) is "held" && Set(id, "done", 0),
                "release" => Undo(id, "reserve"),
                "void" => Undo(id, "authorize"),
                _ => Undo(id, "charge"),
            };

        public bool Prepare(long id, params string[] work)
        {
            if (_prepared.ContainsKey(id))
            {
                return true;
            }

            if (work.All(w => _operations.ContainsKey((id, w))))
            {
                return work.All(w => _operations[(id, w)]);
            }

            // A refusal is rolled back with everything else, so it is not remembered.
            if (Left == 0 || _operations.ContainsKey((id, work[0])))
            {
                return false;
            }

            Left--;
            _prepared[id] = work;
            return true;
        }

        public bool Commit(long id)
        {
            if (_prepared.Remove(id, out var work))
            {
                foreach (var operation in work)
                {
                    _operations[(id, operation)] = true;
                }

                _states[id] = "done";
            }

            return StateOf(id) is "done";
        }

        public bool RollBack(long id)
        {
            if (_prepared.Remove(id))
            {
                Left++;
            }

            _operations.TryAdd((id, "reserve"), false);
            _operations.TryAdd((id, "charge"), false);
            return true;
        }

        private bool Set(long id, string state, int change)
        {
            _states[id] = state;
            Left += change;
            return true;
        }

        private bool Undo(long id, string tried)
        {
            _operations.TryAdd((id, tried), false);
            if (_states.Remove(id))
            {
                Left++;
            }

            return true;
        }
    }
}
