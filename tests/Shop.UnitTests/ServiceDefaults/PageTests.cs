using Microsoft.AspNetCore.Http;
using Shop.ServiceDefaults;

namespace Shop.UnitTests.ServiceDefaults;

public sealed class PageTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public void A_number_survives_its_cursor(long key)
    {
        Assert.True(Cursor.TryRead(Cursor.From(key), out long read));
        Assert.Equal(key, read);
    }

    [Theory]
    [InlineData("tea")]
    [InlineData("grüße-日本")]
    public void A_text_survives_its_cursor(string key)
    {
        Assert.True(Cursor.TryRead(Cursor.From(key), out string read));
        Assert.Equal(key, read);
    }

    [Fact]
    public void A_cursor_of_one_kind_of_list_does_not_fit_the_other()
    {
        Assert.False(Cursor.TryRead(Cursor.From(7), out string _));
        Assert.False(Cursor.TryRead(Cursor.From("12345678"), out long _));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("!!!!")]
    [InlineData("cw")]
    [InlineData("c__-")]
    [InlineData("cwA")]
    public void A_made_up_cursor_is_refused(string cursor)
    {
        Assert.False(Cursor.TryRead(cursor, out long _));
        Assert.False(Cursor.TryRead(cursor, out string _));
        Assert.Throws<ProblemException>(() => new PageRequest(20, cursor).AfterNumber());
    }

    [Theory]
    [InlineData("?limit=0")]
    [InlineData("?limit=101")]
    [InlineData("?limit=+5")]
    [InlineData("?limit=five")]
    [InlineData("?limit=")]
    [InlineData("?limit=1&limit=2")]
    [InlineData("?cursor=")]
    public async Task A_limit_or_cursor_out_of_range_is_a_validation_problem(string query)
    {
        var refusal = await Assert.ThrowsAsync<ProblemException>(async () => await BindAsync(query));

        Assert.Same(ProblemCatalogue.ValidationFailed, refusal.Type);
    }

    [Fact]
    public async Task Without_parameters_the_first_twenty_are_wanted()
    {
        Assert.Equal(new PageRequest(20, null), await BindAsync(""));
        Assert.Null((await BindAsync(""))!.AfterNumber());
    }

    [Fact]
    public void A_page_ends_before_the_row_that_was_read_too_many_and_points_at_its_own_last_row()
    {
        var request = new PageRequest(2, null);

        var first = Page.Ok([1L, 2, 3], request, Cursor.From).Page;
        var last = Page.Ok([3L], request, Cursor.From).Page;

        Assert.Equal([1L, 2], first.Items);
        Assert.Equal(Cursor.From(2), first.Next);
        Assert.Null(last.Next);
    }

    private static ValueTask<PageRequest?> BindAsync(string query) =>
        PageRequest.BindAsync(new DefaultHttpContext { Request = { QueryString = new QueryString(query) } }, null!);
}
