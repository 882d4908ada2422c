using Microsoft.Extensions.Options;
using Shop.ServiceDefaults;

namespace Shop.UnitTests.ServiceDefaults;

public sealed class FingerprintTests
{
    private const string Path = "/api/v1/orders";

    private readonly FingerprintSigner _signer = Signer(key: 0);

    [Fact]
    public void The_same_body_has_the_same_digest_and_another_one_another()
    {
        Assert.Equal(Digest("{}"u8), Digest("{}"u8));
        Assert.NotEqual(Digest("{}"u8), Digest("{ }"u8));
    }

    [Theory]
    [InlineData(2, "POST", Path)]
    [InlineData(1, "PUT", Path)]
    [InlineData(1, "POST", "/api/v1/wallet/deposits")]
    public void A_fingerprint_is_good_for_its_customer_method_and_path_only(long customer, string method, string path)
    {
        var header = _signer.Sign("{}"u8, 1, "POST", Path);

        Assert.NotNull(_signer.Verify(header, 1, "POST", Path));
        Assert.Null(_signer.Verify(header, customer, method, path));
    }

    [Fact]
    public void A_digest_cannot_be_exchanged_under_its_signature()
    {
        var signature = _signer.Sign("{}"u8, 1, "POST", Path).Split('.')[1];

        Assert.Null(_signer.Verify($"{Digest("{ }"u8)}.{signature}", 1, "POST", Path));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a.b.c")]
    [InlineData("digest.!!")]
    public void A_header_that_is_no_fingerprint_is_refused(string header) => Assert.Null(_signer.Verify(header, 1, "POST", Path));

    [Fact]
    public void A_fingerprint_of_a_foreign_key_is_refused() =>
        Assert.Null(_signer.Verify(Signer(key: 9).Sign("{}"u8, 1, "POST", Path), 1, "POST", Path));

    private string? Digest(ReadOnlySpan<byte> body) => _signer.Verify(_signer.Sign(body, 1, "POST", Path), 1, "POST", Path);

    private static FingerprintSigner Signer(byte key) => new(new IdentityKeys(Options.Create(
        new ShopIdentityOptions { SigningKeys = [Convert.ToBase64String([.. Enumerable.Repeat(key, 32)])] })));
}
