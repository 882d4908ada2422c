using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shop.BuildingBlocks.Messaging;
using Shop.BuildingBlocks.Storage;
using Shop.BuildingBlocks.Transactions;
using Shop.Contracts;
using Shop.Contracts.Internal;
using Shop.Contracts.Messages;
using Shop.IntegrationTests.Discovery;
using Shop.IntegrationTests.Payments;
using Shop.IntegrationTests.Support;
using Shop.Payments.Storage;
using Shop.ServiceDefaults;

namespace Shop.IntegrationTests.Checkout;

/// <summary>Payments as a participant of TCC, called as the coordinator calls it: early, late, twice, and never.</summary>
public sealed class TccParticipantTests
{
    private static readonly DateTimeOffset Far = DateTimeOffset.UnixEpoch.AddYears(200);

    [Fact]
    public async Task A_try_holds_and_a_confirm_pays()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();

        Assert.Equal(["authorize done"], await CallAsync(payments, Try(1, ada)));
        Assert.Equal((PaymentsHost.Welcome - 300, 300), await WalletAsync(payments, ada));

        Assert.Equal(["capture done"], await CallAsync(payments, new CapturePayment(1)));
        Assert.Equal((PaymentsHost.Welcome - 300, 0), await WalletAsync(payments, ada));
        await payments.AssertBooksBalanceAsync();
    }

    [Fact]
    public async Task What_is_held_pays_for_nothing_else()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();

        Assert.Equal(
            ["authorize done", "authorize refused payment-declined"],
            await CallAsync(payments, Try(1, ada, PaymentsHost.Welcome - 100), Try(2, ada, 101)));
        Assert.Equal((100, PaymentsHost.Welcome - 100), await WalletAsync(payments, ada));
        await payments.AssertBooksBalanceAsync();
    }

    [Fact]
    public async Task A_cancel_frees_what_is_held_once()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();
        await CallAsync(payments, Try(1, ada));

        Assert.Equal(["void done", "void done"], await CallAsync(payments, new VoidPayment(1), new VoidPayment(1)));
        Assert.Equal((PaymentsHost.Welcome, 0), await WalletAsync(payments, ada));
        await payments.AssertBooksBalanceAsync();
    }

    [Fact]
    public async Task A_cancel_without_a_try_does_nothing_and_shuts_the_late_try_out()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();

        Assert.Equal(["void done"], await CallAsync(payments, new VoidPayment(1)));
        Assert.Equal(["authorize refused cancelled-before"], await CallAsync(payments, Try(1, ada)));
        Assert.Equal((PaymentsHost.Welcome, 0), await WalletAsync(payments, ada));
    }

    [Fact]
    public async Task Confirmed_three_times_it_pays_once()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();
        await CallAsync(payments, Try(1, ada));

        await CallAsync(payments, new CapturePayment(1), new CapturePayment(1));
        Assert.Equal(["capture done"], await CallAsync(payments, new CapturePayment(1)));
        Assert.Equal((PaymentsHost.Welcome - 300, 0), await WalletAsync(payments, ada));
        await payments.AssertBooksBalanceAsync();
    }

    [Fact]
    public async Task A_confirm_of_nothing_is_refused_for_good()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();

        Assert.Equal(["capture refused not-authorized"], await CallAsync(payments, new CapturePayment(1)));
        Assert.Equal(["authorize done", "capture refused not-authorized"], await CallAsync(payments, Try(1, ada), new CapturePayment(1)));
        Assert.Equal((PaymentsHost.Welcome - 300, 300), await WalletAsync(payments, ada));
    }

    [Fact]
    public async Task A_refund_of_what_is_only_authorized_frees_it_and_a_late_confirm_pays_nothing()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();
        await CallAsync(payments, Try(1, ada));

        Assert.Equal(["refund done", "capture refused not-authorized"], await CallAsync(payments, new RefundPayment(1), new CapturePayment(1)));
        Assert.Equal((PaymentsHost.Welcome, 0), await WalletAsync(payments, ada));
        await payments.AssertBooksBalanceAsync();
    }

    [Fact]
    public async Task A_thousand_times_a_try_and_its_cancel_at_once_leave_nothing_held()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();

        await Parallel.ForEachAsync(Enumerable.Range(1, 1000), async (order, _) =>
            await Task.WhenAll(CallAsync(payments, Try(order, ada, 1)), CallAsync(payments, new VoidPayment(order))));

        Assert.Equal((PaymentsHost.Welcome, 0), await WalletAsync(payments, ada));
        await payments.AssertBooksBalanceAsync();
    }

    [Fact]
    public async Task One_command_that_cannot_be_carried_out_leaves_its_neighbours_alone_and_is_not_answered()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();

        Assert.Equal(
            ["authorize done", "void done"],
            (await CallAsync(payments, Try(1, ada), Try(2, ada, -1), new VoidPayment(3))).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Calls_that_come_while_others_are_carried_out_share_a_transaction_and_each_hears_of_its_own_commands()
    {
        const int Calls = 60;
        await using var payments = await PaymentsHost.StartAsync(builder => builder.Services.AddSingleton<TimeProvider>(new WithoutTimers()));
        var ada = await payments.CustomerAsync();

        var answers = await WhileBusyAsync(payments, Calls, () => Enumerable.Range(1, Calls).Select(order =>
            CallAsync(payments, order % 2 == 0 ? [Try(order, ada, 1), new VoidPayment(order + Calls)] : [Try(order, ada, 1)])));

        Assert.All(answers.Index(), call => Assert.Equal(call.Index % 2 == 0 ? ["authorize done"] : ["authorize done", "void done"], call.Item));
        Assert.Equal((PaymentsHost.Welcome - Calls, Calls), await WalletAsync(payments, ada));
        await payments.AssertBooksBalanceAsync();
        Assert.InRange(await TransactionsAsync(payments), 1, Calls / 2);
    }

    [Fact]
    public async Task A_command_that_cannot_be_carried_out_is_nobody_elses_failure()
    {
        const int Calls = 20;
        await using var payments = await PaymentsHost.StartAsync(builder => builder.Services.AddSingleton<TimeProvider>(new WithoutTimers()));
        var ada = await payments.CustomerAsync();

        var answers = await WhileBusyAsync(payments, Calls, () => Enumerable.Range(1, Calls).Select(order =>
            CallAsync(payments, Try(order, ada, order == 7 ? -1 : 1), new VoidPayment(order + Calls))));

        Assert.All(answers.Index(), call => Assert.Equal(call.Index == 6 ? ["void done"] : ["authorize done", "void done"], call.Item));
        Assert.Equal((PaymentsHost.Welcome - (Calls - 1), Calls - 1), await WalletAsync(payments, ada));
        await payments.AssertBooksBalanceAsync();
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[{\"type\":\"no-such\",\"orderId\":1}]")]
    [InlineData("[{\"type\":\"product-changed\",\"sku\":\"x\",\"name\":\"x\",\"price\":{\"amount\":1,\"currency\":\"EUR\"},\"version\":1}]")]
    public async Task What_is_no_list_of_commands_is_a_400(string body)
    {
        await using var payments = await PaymentsHost.StartAsync();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await payments.Service.Client.PostAsync("/internal/commands", content);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData(true, "captured")]
    [InlineData(false, "voided")]
    public async Task A_hold_that_has_expired_ends_as_it_was_decided(bool commit, string state)
    {
        var decisions = new Decisions();
        await using var payments = await PaymentsHost.StartAsync(decisions, ("Participant:RecoveryInterval", "00:00:00.050"));
        var ada = await payments.CustomerAsync();
        await CallAsync(payments, Try(1, ada, expiresAt: DateTimeOffset.UnixEpoch));

        // While the log cannot be read nothing may be concluded: the money stays held.
        await decisions.AskedAsync(3);
        Assert.Equal((PaymentsHost.Welcome - 300, 300), await WalletAsync(payments, ada));

        decisions.Answer = commit;
        await UntilAsync(async () => (await payments.FactsAsync()).Select(f => f.Payment).OfType<Contracts.Facts.PaymentFact>().Single().State == state);
        await payments.AssertBooksBalanceAsync();
    }

    private static AuthorizePayment Try(long order, Customer customer, long amount = 300, DateTimeOffset? expiresAt = null) =>
        new(order, customer.Id, new Money(amount, "EUR"), expiresAt ?? Far);

    private static async Task<IReadOnlyList<string>> CallAsync(PaymentsHost payments, params IReadOnlyList<Message> commands)
    {
        using var content = new StringContent(MessageCodec.Encode([.. commands]), Encoding.UTF8, "application/json");
        using var response = await payments.Service.Client.PostAsync("/internal/commands", content);
        var answers = await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<List<OperationAnswered>>();
        return [.. answers!.Select(a => $"{a.Operation} {(a.Outcome is OperationOutcome.Done ? "done" : $"refused {a.Reason}")}")];
    }

    /// <summary>Calls that all arrive while the only writer of the database is somebody else.</summary>
    private static async Task<IReadOnlyList<string>[]> WhileBusyAsync(PaymentsHost payments, int count, Func<IEnumerable<Task<IReadOnlyList<string>>>> calls)
    {
        var until = new TaskCompletionSource();
        var busy = payments.Service.Get<Database<PaymentsDbContext>>().WriteAsync(_ => until.Task, CancellationToken.None);
        var answers = Task.WhenAll(calls());
        await Eventually.TrueAsync(() => payments.Service.Get<Traffic>().CallsReceived >= count);
        until.SetResult();
        await busy;
        return await answers;
    }

    // What is recorded in one transaction is recorded with one time.
    private static Task<int> TransactionsAsync(PaymentsHost payments) => payments.Service.Get<Database<PaymentsDbContext>>().ReadAsync(
        db => db.Set<Operation>().Select(operation => operation.At).Distinct().CountAsync(), CancellationToken.None);

    private static async Task<(long Balance, long Held)> WalletAsync(PaymentsHost payments, Customer customer)
    {
        var wallet = await HttpAssert.OkAsync<JsonObject>(await payments.Service.SendAsync(customer, HttpMethod.Get, "/api/v1/wallet"));
        return ((long)wallet["balance"]!["amount"]!, (long)wallet["held"]!["amount"]!);
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        for (var i = 0; !await isSo(); i++)
        {
            Assert.True(i < 600, "It did not come true.");
            await Task.Delay(50);
        }
    }

    private sealed class Decisions : IDecisions
    {
        private readonly SemaphoreSlim _asked = new(0);

        /// <summary>None while the log cannot be read.</summary>
        public bool? Answer { get; set; }

        public async Task AskedAsync(int times)
        {
            for (var i = 0; i < times; i++)
            {
                await _asked.WaitAsync(TimeSpan.FromSeconds(30));
            }
        }

        public Task<IReadOnlyList<Decision>> ResolveAsync(IReadOnlyList<long> orderIds, CancellationToken cancellationToken)
        {
            _asked.Release();
            return Answer is { } commit
                ? Task.FromResult<IReadOnlyList<Decision>>([.. orderIds.Select(id => new Decision(id, commit))])
                : throw new HttpRequestException("nobody is there");
        }
    }

    /// <summary>The real time, in which nothing is ever late: on a busy machine the calls would lose patience with each other.</summary>
    private sealed class WithoutTimers : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
