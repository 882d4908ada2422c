using System.Diagnostics;

namespace Shop.IntegrationTests.Discovery;

/// <summary>Waits for what has to come, and not a moment longer.</summary>
internal static class Eventually
{
    public static async Task TrueAsync(Func<Task<bool>> isSo, double seconds = 60)
    {
        var started = Stopwatch.GetTimestamp();
        Exception? last = null;
        while (Stopwatch.GetElapsedTime(started).TotalSeconds < seconds)
        {
            try
            {
                if (await isSo())
                {
                    return;
                }
            }
            catch (HttpRequestException exception)
            {
                last = exception;
            }

            await Task.Delay(25);
        }

        throw new TimeoutException($"It did not come true within {seconds} s.", last);
    }

    public static Task TrueAsync(Func<bool> isSo, double seconds = 60) => TrueAsync(() => Task.FromResult(isSo()), seconds);

    public static async Task EqualAsync<T>(IReadOnlyList<T> expected, Func<Task<IReadOnlyList<T>>> actual, double seconds = 60)
    {
        IReadOnlyList<T> last = [];
        try
        {
            await TrueAsync(async () => (last = await actual()).SequenceEqual(expected), seconds);
        }
        catch (TimeoutException)
        {
            Assert.Equal(expected, last);
        }
    }

    /// <summary>True all the time, which is as much as can be seen of "never".</summary>
    public static Task StaysAsync(Func<bool> isSo, double seconds) => StaysAsync(() => Task.FromResult(isSo()), seconds);

    /// <inheritdoc cref="StaysAsync(Func{bool}, double)"/>
    public static async Task StaysAsync(Func<Task<bool>> isSo, double seconds)
    {
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started).TotalSeconds < seconds)
        {
            Assert.True(await isSo());
            await Task.Delay(25);
        }
    }
}
