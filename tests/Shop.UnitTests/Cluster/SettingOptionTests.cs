using System.CommandLine;
using Shop.Lab.Cluster.Commands;

namespace Shop.UnitTests.Cluster;

public sealed class SettingOptionTests
{
    private readonly Option<string[]> _option = SettingOption.Create();

    [Fact]
    public void Each_is_a_name_and_what_follows_the_first_equals_sign() => Assert.Equal(
        new Dictionary<string, string> { ["Guards:Outbox"] = "false", ["Log"] = "", ["Filter"] = "a=b" },
        Parse("--set", "Guards:Outbox=false", "--set", "Log=", "--set", "Filter=a=b").Settings(_option));

    [Fact]
    public void None_is_no_setting() => Assert.Empty(Parse().Settings(_option));

    [Theory]
    [InlineData("Guards:Outbox")]
    [InlineData("=false")]
    [InlineData("A:B=1", "A:B=2")]
    [InlineData("A:B=1", "a__b=2")] // one setting of an application all the same
    public void What_is_no_setting_or_two_of_one_name_is_refused(params string[] settings) => Assert.Equal(
        "--set takes NAME=VALUE, each name once.",
        Assert.Single(Parse([.. settings.SelectMany(setting => new[] { "--set", setting })]).Errors).Message);

    private ParseResult Parse(params string[] arguments) => new RootCommand { _option }.Parse(arguments);
}
