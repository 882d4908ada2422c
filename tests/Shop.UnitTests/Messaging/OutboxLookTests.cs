using Shop.BuildingBlocks.Messaging;

namespace Shop.UnitTests.Messaging;

/// <summary>How many rows the relay asks for next, and whether it waits for a signal first.</summary>
public sealed class OutboxLookTests
{
    [Theory]
    [InlineData(64, 0, 0)]
    [InlineData(64, 63, 63)]
    [InlineData(512, 511, 511)]
    public void A_look_that_found_less_than_it_asked_for_and_sent_all_of_it_was_the_last(int asked, int found, int sent)
    {
        var look = new OutboxLook(asked, found, sent);

        Assert.False(look.IsMoreThere);
        Assert.Equal(64, look.Next);
    }

    [Theory]
    [InlineData(64, 128)]
    [InlineData(256, 512)]
    [InlineData(512, 512)]
    public void Of_a_backlog_the_next_look_takes_twice_as_much_up_to_a_bound(int asked, int next)
    {
        var look = new OutboxLook(asked, asked, asked);

        Assert.True(look.IsMoreThere);
        Assert.Equal(next, look.Next);
    }

    [Theory]
    [InlineData(512, 512, 100, 100)]
    [InlineData(512, 512, 8, 64)]
    [InlineData(64, 10, 1, 64)]
    public void What_did_not_fit_into_the_envelope_is_looked_for_at_once_and_no_more_than_fits(int asked, int found, int sent, int next)
    {
        var look = new OutboxLook(asked, found, sent);

        Assert.True(look.IsMoreThere);
        Assert.Equal(next, look.Next);
    }
}
