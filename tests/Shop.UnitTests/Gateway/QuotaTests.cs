using Microsoft.AspNetCore.Http;
using Shop.Gateway.Limits;
using Shop.ServiceDefaults;
using Shop.UnitTests.Support;

namespace Shop.UnitTests.Gateway;

public sealed class QuotaTests
{
    [Fact]
    public void Each_answer_under_a_quota_says_what_it_is_and_what_is_left()
    {
        using var quota = new Quota("session", () => new QuotaOptions(2, TimeSpan.FromMinutes(1)));
        var context = new DefaultHttpContext();

        Assert.Null(quota.Take(context, "ann"));

        Assert.Equal("\"session\";q=2;w=60", context.Response.Headers[Quota.PolicyHeader]);
        Assert.Equal("\"session\";r=1;t=60", context.Response.Headers[Quota.StateHeader]);
    }

    [Fact]
    public void Who_has_used_up_the_quota_is_refused_and_nobody_else()
    {
        using var quota = new Quota("session", () => new QuotaOptions(1, TimeSpan.FromMinutes(1)));
        quota.Take(new DefaultHttpContext(), "ann");

        var refusal = Assert.IsType<ProblemResult>(quota.Take(new DefaultHttpContext(), "ann"));

        Assert.Same(ProblemCatalogue.QuotaExceeded, refusal.Type);
        Assert.Equal(TimeSpan.FromMinutes(1), refusal.RetryAfter);
        Assert.Null(quota.Take(new DefaultHttpContext(), "bob"));
    }

    [Fact]
    public void A_name_is_one_name_in_every_spelling_and_from_every_address()
    {
        using var quotas = new Quotas(new ManualOptions<LimitOptions>(new LimitOptions { LoginName = new QuotaOptions(2, TimeSpan.FromMinutes(1)) }));

        Assert.Null(quotas.TakeForLogin(From("10.0.0.1"), "ann"));
        Assert.Null(quotas.TakeForLogin(From("10.0.0.2"), "Ann"));
        Assert.NotNull(quotas.TakeForLogin(From("10.0.0.3"), "ANN"));
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

    private static DefaultHttpContext From(string address) =>
        new() { Connection = { RemoteIpAddress = System.Net.IPAddress.Parse(address) } };
}
