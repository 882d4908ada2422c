using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Shop.ServiceDefaults;

namespace Shop.UnitTests.ServiceDefaults;

public sealed class ExceptionMapperTests
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        NumberHandling = JsonNumberHandling.Strict,
    };

    [Theory]
    [InlineData("""{"lines":[{"sku":"tea"}]}""", "lines[0].quantity")]
    [InlineData("""{"lines":[{"sku":"tea","quantity":"2"}]}""", "lines[0].quantity")]
    [InlineData("""{"lines":[{"sku":null,"quantity":2}]}""", "lines[0].sku")]
    [InlineData("""{"lines":[],"total":1}""", "total")]
    [InlineData("""{}""", "lines")]
    [InlineData("""[]""", "$")]
    public void A_body_that_does_not_fit_is_a_validation_problem_that_names_the_member(string body, string member)
    {
        var problem = Map(ReadFails(body))!;

        Assert.Same(ProblemCatalogue.ValidationFailed, problem.Type);
        Assert.Equal([member], problem.Errors!.Keys);
    }

    [Fact]
    public void Every_missing_member_is_named() =>
        Assert.Equal(["lines[0].sku", "lines[0].quantity"], Map(ReadFails("""{"lines":[{}]}"""))!.Errors!.Keys);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"lines":[}""")]
    public void A_body_that_is_no_JSON_is_malformed(string body) => Assert.Same(ProblemCatalogue.MalformedJson, Map(ReadFails(body))!.Type);

    [Fact]
    public void A_timeout_anywhere_inside_is_unknown_not_a_bug()
    {
        var problem = Map(new InvalidOperationException("save failed", new TimeoutException()))!;

        Assert.Same(ProblemCatalogue.DependencyUnavailable, problem.Type);
        Assert.NotNull(problem.RetryAfter);
    }

    [Fact]
    public void What_nobody_knows_is_a_bug() => Assert.Null(Map(new InvalidOperationException()));

    [Fact]
    public void A_service_can_teach_it_its_own_exceptions()
    {
        var options = new ProblemOptions();
        options.Mappings.Add(exception => exception is FormatException ? new ProblemException(ProblemCatalogue.Overloaded) : null);

        var problem = new ExceptionMapper(Options.Create(options)).Map(new InvalidOperationException("", new FormatException()))!;

        Assert.Same(ProblemCatalogue.Overloaded, problem.Type);
    }

    private static ProblemResult? Map(Exception exception) => new ExceptionMapper(Options.Create(new ProblemOptions())).Map(exception);

    private static BadHttpRequestException ReadFails(string body) =>
        new("not read", 400, Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Order>(body, Strict)));

    private sealed record Order(IReadOnlyList<Line> Lines);

    private sealed record Line(string Sku, int Quantity);
}
