using System.Text;
using System.Text.Json;
using Shop.BuildingBlocks.Sessions;
using Shop.Gateway.Orders;

namespace Shop.UnitTests.Gateway;

public sealed class CartLinesTests
{
    private static readonly Cart Cart = new([new CartItem("tea", 2)], Version: 1);

    [Theory]
    [InlineData("""{}""", true)]
    [InlineData("""{"lines":null}""", true)]
    [InlineData("""{"lines":[]}""", false)]
    [InlineData("""{"lines":"x"}""", false)]
    [InlineData("""[]""", false)]
    public void The_cart_is_wanted_only_when_an_order_names_no_lines(string order, bool wanted) =>
        Assert.Equal(wanted, CartLines.AreMissingFrom(Parse(order)));

    [Fact]
    public void The_carts_lines_come_in_and_everything_else_stays() => Assert.Equal(
        """{"checkout":"tcc","lines":[{"sku":"tea","quantity":2}]}""", Fill("""{ "lines": null, "checkout": "tcc" }""", Cart));

    [Fact]
    public void An_empty_cart_gives_an_empty_list() => Assert.Equal("""{"lines":[]}""", Fill("{}", new Cart([], Version: 1)));

    private static string Fill(string order, Cart cart) => Encoding.UTF8.GetString(CartLines.AddTo(Parse(order), cart));

    private static JsonElement Parse(string json) => JsonDocument.Parse(json, CartLines.Strict).RootElement;
}
