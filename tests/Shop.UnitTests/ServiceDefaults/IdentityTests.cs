using Microsoft.Extensions.Options;
using Shop.ServiceDefaults;

namespace Shop.UnitTests.ServiceDefaults;

public sealed class IdentityTests
{
    private static readonly string Old = Convert.ToBase64String(new byte[32]);
    private static readonly string New = Convert.ToBase64String([.. Enumerable.Repeat((byte)1, 32)]);
    private static readonly Customer Ann = new(4711, "ann");

    private readonly ManualClock _clock = new();

    [Fact]
    public async Task A_service_accepts_what_the_gateway_signed_for_it() =>
        Assert.Equal(Ann, await VerifyAsync(Verifier("ordering", Old), Signer(Old).Sign(Ann, "ordering")));

    [Fact]
    public async Task A_service_refuses_what_was_signed_for_another_one() =>
        Assert.Null(await VerifyAsync(Verifier("payments", Old), Signer(Old).Sign(Ann, "ordering")));

    [Fact]
    public async Task An_identity_expires_even_when_it_was_verified_before()
    {
        var verifier = Verifier("ordering", Old);
        var token = Signer(Old).Sign(Ann, "ordering");

        Assert.NotNull(await VerifyAsync(verifier, token));
        _clock.Advance(TimeSpan.FromSeconds(66));

        Assert.Null(await VerifyAsync(verifier, token));
    }

    [Fact]
    public async Task While_keys_rotate_both_are_accepted_and_the_first_signs()
    {
        var rotating = Verifier("ordering", New, Old);

        Assert.NotNull(await VerifyAsync(rotating, Signer(Old).Sign(Ann, "ordering")));
        Assert.NotNull(await VerifyAsync(Verifier("ordering", New), Signer(New, Old).Sign(Ann, "ordering")));
        Assert.Null(await VerifyAsync(Verifier("ordering", New), Signer(Old).Sign(Ann, "ordering")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIiwibmFtZSI6ImFubiIsImF1ZCI6Im9yZGVyaW5nIiwiaXNzIjoic2hvcC1nYXRld2F5IiwiZXhwIjo5OTk5OTk5OTk5fQ.")]
    public async Task An_unsigned_identity_is_refused(string token) => Assert.Null(await VerifyAsync(Verifier("ordering", Old), token));

    [Fact]
    public void Short_or_unreadable_keys_are_all_reported_at_once()
    {
        var options = new ShopIdentityOptions { SigningKeys = [Old, "c2hvcnQ=", "not base64!"] };

        Assert.Equal(2, options.Validate(new System.ComponentModel.DataAnnotations.ValidationContext(options)).Count());
    }

    private static async Task<Customer?> VerifyAsync(IdentityVerifier verifier, string token) =>
        await verifier.VerifyAsync(token) is { } principal ? Customer.Of(principal) : null;

    private IdentitySigner Signer(params string[] keys) => new(new IdentityKeys(Options(keys)), Options(keys), _clock);

    private IdentityVerifier Verifier(string service, params string[] keys) =>
        new(new IdentityKeys(Options(keys)), Options(keys), new ServiceInfo(service, $"{service}-1"), _clock);

    private static IOptions<ShopIdentityOptions> Options(string[] keys) =>
        Microsoft.Extensions.Options.Options.Create(new ShopIdentityOptions { SigningKeys = keys });
}
