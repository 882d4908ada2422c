using System.Net;
using System.Net.Sockets;
using Shop.IntegrationTests.Support;

namespace Shop.IntegrationTests.Crashes;

/// <summary>The process as its user starts and stops it.</summary>
public sealed class StartAndStopTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly TempDirectory _data = new();
    private readonly int _port = Ports.Free(4);

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_taken_port_ends_in_one_line_that_names_it(int offset)
    {
        using var taken = new TcpListener(IPAddress.Loopback, _port + offset);
        taken.Start();

        var line = await OneLineAsync(exitCode: 3);

        Assert.Contains((_port + offset).ToString(), line, StringComparison.Ordinal);
        Assert.Contains("--port", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_that_cannot_be_written_ends_in_one_line_that_names_it()
    {
        var file = Path.Combine(_data.Path, "file");
        await File.WriteAllTextAsync(file, "");

        Assert.Contains(file, await OneLineAsync(exitCode: 4, data: Path.Combine(file, "shop")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_shop_on_one_directory_ends_in_one_line()
    {
        using var first = await ShopProcess.StartAsync(_data.Path, _port);

        Assert.Contains("another shop", await OneLineAsync(exitCode: 4, port: Ports.Free(4)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ordering")]
    [InlineData("inventory")]
    [InlineData("payments")]
    public async Task A_file_that_is_no_database_ends_in_one_line_that_names_it(string service)
    {
        await File.WriteAllTextAsync(Path.Combine(_data.Path, $"{service}.db"), new string('x', 10_000));

        var line = await OneLineAsync(exitCode: 5);

        Assert.Contains($"{service}.db", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_with_a_torn_page_ends_in_one_line_and_reset_starts_over()
    {
        await RunOnceAsync();
        var file = Path.Combine(_data.Path, "inventory.db");
        await using (var stream = File.OpenWrite(file))
        {
            Assert.True(stream.Length > 100_000, "the catalogue is not in the file yet");
            stream.Position = 4096 * 5;
            await stream.WriteAsync(new byte[4096 * 8]);
        }

        Assert.Contains("inventory.db", await OneLineAsync(exitCode: 5), StringComparison.Ordinal);

        using var fresh = ShopProcess.Launch(_data.Path, _port, ["--reset"]);
        using var http = new HttpClient();
        await ShopProcess.ReadyAsync(fresh);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync($"{fresh.Address}/api/v1/products/umbrella")).StatusCode);
    }

    [Theory]
    [InlineData("--port", "0")]
    [InlineData("--port", "70000")]
    [InlineData("--port", "abc")]
    [InlineData("--no-such-option", "1")]
    public async Task A_wrong_command_line_is_refused(params string[] arguments)
    {
        using var shop = ShopProcess.Launch(_data.Path, _port, arguments);

        Assert.Equal(1, await shop.WaitForExitAsync(Patience));
        Assert.Contains(arguments[0], shop.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_setting_ends_in_one_line_that_names_it()
    {
        using var shop = ShopProcess.Launch(_data.Path, _port, null, ("Checkout__Timeout", "-00:00:01"));

        Assert.Equal(2, await shop.WaitForExitAsync(Patience));
        Assert.Contains("Timeout", Assert.Single(ErrorLines(shop)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_answers_what_is_in_flight_and_a_restart_finds_everything()
    {
        string id;
        string name;
        using (var shop = await ShopProcess.StartAsync(_data.Path, _port))
        {
            using var client = await ShopClient.LoggedInAsync(shop.Address);
            name = client.Name;
            await client.DepositAsync(1_000_000).Expect(HttpStatusCode.Created);
            var inFlight = Enumerable.Range(0, 20).Select(_ => client.OrderAsync("umbrella", 1, prefer: "wait=30")).ToList();
            await Task.WhenAny(inFlight);
            shop.Interrupt();

            // In flight is what the gateway had accepted: it is answered. A connection that came too late may be refused.
            var answered = 0;
            foreach (var request in inFlight)
            {
                try
                {
                    var reply = await request.Expect(HttpStatusCode.OK, HttpStatusCode.Accepted, HttpStatusCode.ServiceUnavailable);
                    answered += reply.Status is HttpStatusCode.ServiceUnavailable ? 0 : 1;
                }
                catch (HttpRequestException)
                {
                    // Came too late.
                }
            }

            Assert.True(answered > 0);
            Assert.Equal(0, await shop.WaitForExitAsync(Patience));
            id = (await inFlight.First(r => r.IsCompletedSuccessfully && r.GetAwaiter().GetResult().Status is HttpStatusCode.OK)).Body["id"]!.GetValue<string>();
        }

        using var restarted = await ShopProcess.StartAsync(_data.Path, _port);
        using var again = new ShopClient(restarted.Address);
        again.Rename(name);
        await again.LogInAsync();
        Assert.Equal("confirmed", (await again.FinalAsync(id))["status"]!.GetValue<string>());
        Invariants.AssertHold(await restarted.QuietInvariantsAsync());
    }

    public void Dispose() => _data.Dispose();

    private async Task RunOnceAsync()
    {
        using var shop = await ShopProcess.StartAsync(_data.Path, _port);
        shop.Interrupt();
        Assert.Equal(0, await shop.WaitForExitAsync(Patience));
    }

    private async Task<string> OneLineAsync(int exitCode, string? data = null, int? port = null)
    {
        using var shop = ShopProcess.Launch(data ?? _data.Path, port ?? _port);
        var actual = await shop.WaitForExitAsync(Patience);
        Assert.True(exitCode == actual, $"{actual} instead of {exitCode}: {shop.Output}");
        Assert.DoesNotContain("BackgroundService failed", shop.Output, StringComparison.Ordinal);
        return Assert.Single(ErrorLines(shop));
    }

    private static IEnumerable<string> ErrorLines(ShopProcess shop) => shop.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
