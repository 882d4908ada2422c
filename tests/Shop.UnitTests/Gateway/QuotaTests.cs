using Microsoft.AspNetCore.Http;
using Shop.Gateway.Limits;
using Shop.ServiceDefaults;
using Shop.UnitTests.Support;

namespace Shop.UnitTests.Gateway;

public sealed class QuotaTests
{
    [Fact]
    public async Task Each_answer_under_a_quota_says_what_it_is_and_what_is_left()
    {
        using var quota = Sessions(permits: 2);
        var context = new DefaultHttpContext();

        Assert.Null(await quota.TakeAsync(context, "ann"));

        Assert.Equal("\"session\";q=2;w=60", context.Response.Headers[Quota.PolicyHeader]);
        Assert.Equal("\"session\";r=1;t=60", context.Response.Headers[Quota.StateHeader]);
    }

    [Fact]
    public async Task Who_has_used_up_the_quota_is_refused_and_nobody_else()
    {
        using var quota = Sessions(permits: 1);
        await quota.TakeAsync(new DefaultHttpContext(), "ann");

        var refusal = Assert.IsType<ProblemResult>(await quota.TakeAsync(new DefaultHttpContext(), "ann"));

        Assert.Same(ProblemCatalogue.QuotaExceeded, refusal.Type);
        Assert.Equal(TimeSpan.FromMinutes(1), refusal.RetryAfter);
        Assert.Null(await quota.TakeAsync(new DefaultHttpContext(), "bob"));
    }

    [Fact]
    public async Task A_name_is_one_name_in_every_spelling_and_from_every_address()
    {
        using var quotas = new Quotas(
            new ManualOptions<LimitOptions>(new LimitOptions { LoginName = new QuotaOptions(2, TimeSpan.FromMinutes(1)) }), TimeProvider.System);

        Assert.Null(await quotas.TakeForLoginAsync(From("10.0.0.1"), "ann"));
        Assert.Null(await quotas.TakeForLoginAsync(From("10.0.0.2"), "Ann"));
        Assert.NotNull(await quotas.TakeForLoginAsync(From("10.0.0.3"), "ANN"));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public async Task A_change_starts_a_new_window_only_when_it_is_one_of_the_quota(int permits, bool anew)
    {
        var options = new ManualOptions<LimitOptions>(OneLogin(1));
        using var quotas = new Quotas(options, TimeProvider.System);
        await quotas.TakeForLoginAsync(From("10.0.0.1"), "ann");

        options.Change(OneLogin(permits));

        Assert.Equal(anew, await quotas.TakeForLoginAsync(From("10.0.0.1"), "ann") is null);

        static LimitOptions OneLogin(int permits) => new() { LoginName = new QuotaOptions(permits, TimeSpan.FromMinutes(1)), Concurrent = 100 + permits };
    }

    [Theory]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1", true)]
    [InlineData("2001:db8::1", "2001:db8::ffff:2", true)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", false)]
    public void An_IPv6_site_is_one_address(string one, string other, bool same) =>
        Assert.Equal(same, ClientAddress.Of(From(one)) == ClientAddress.Of(From(other)));

    [Fact]
    public void A_forwarded_address_is_not_believed()
    {
        var context = From("10.0.0.1");
        context.Request.Headers["X-Forwarded-For"] = "1.2.3.4";

        Assert.Equal("10.0.0.1", ClientAddress.Of(context));
    }

    private static Quota Sessions(int permits)
    {
        var options = new QuotaOptions(permits, TimeSpan.FromMinutes(1));
        return new Quota("session", options, new LocalPermits(options));
    }

    private static DefaultHttpContext From(string address) =>
        new() { Connection = { RemoteIpAddress = System.Net.IPAddress.Parse(address) } };
}
