using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Shop.AllInOne;

namespace Shop.IntegrationTests.Support;

/// <summary>The shop as a user starts it, a process of its own that can be killed at any moment.</summary>
internal sealed class ShopProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly string _data;

    private ShopProcess(Process process, string data, int port)
    {
        _process = process;
        _data = data;
        Port = port;
        process.OutputDataReceived += (_, line) => Keep(line.Data, isError: false);
        process.ErrorDataReceived += (_, line) => Keep(line.Data, isError: true);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Port { get; }

    public string Address => string.Create(CultureInfo.InvariantCulture, $"http://localhost:{Port}");

    public string OrderingAddress => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port + 1}");

    public int ExitCode => _process.ExitCode;

    public bool HasExited => _process.HasExited;

    /// <summary>What came on standard error alone.</summary>
    public string Errors
    {
        get
        {
            lock (_output)
            {
                return _errors.ToString();
            }
        }
    }

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts the process without waiting for anything.</summary>
    public static ShopProcess Launch(string data, int port, string[]? arguments = null, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        string[] all = [typeof(EmbeddedShop).Assembly.Location, "--data", data, "--port", port.ToString(CultureInfo.InvariantCulture), .. arguments ?? []];
        foreach (var argument in all)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["Passwords__Iterations"] = "1000";
        start.Environment["Limits__Session__Permits"] = "100000"; // a test asks as often as a fast machine can
        start.Environment["InternalClients__Timeout"] = "00:01:00"; // and a busy one stands still for seconds
        start.Environment["InternalClients__AttemptTimeout"] = "00:00:30";
        start.Environment["InternalClients__ConnectTimeout"] = "00:00:30";
        start.Environment["Proxy__ConnectTimeout"] = "00:00:30";
        start.Environment["Intake__MaxWait"] = "00:00:45";
        start.Environment["Checkout__MaxCallWait"] = "00:01:00";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new ShopProcess(Process.Start(start)!, data, port);
    }

    /// <summary>Starts the process and waits until the gateway is ready.</summary>
    public static async Task<ShopProcess> StartAsync(string data, int port, params (string Name, string Value)[] environment)
    {
        var shop = Launch(data, port, null, environment);
        await ReadyAsync(shop);
        return shop;
    }

    /// <summary>Waits until the gateway is ready.</summary>
    public static async Task ReadyAsync(ShopProcess shop)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        for (var i = 0; i < 2400; i++)
        {
            Assert.False(shop.HasExited, $"The shop ended at start:\n{shop.Output}");
            try
            {
                if ((await http.GetAsync($"{shop.Address}/health/ready")).IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                // Not yet.
            }

            await Task.Delay(50);
        }

        throw new TimeoutException($"The shop is not ready:\n{shop.Output}");
    }

    /// <summary>SIGKILL: nothing is flushed, nothing is closed.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async Task<int> WaitForExitAsync(TimeSpan atMost)
    {
        await _process.WaitForExitAsync().WaitAsync(atMost);
        return _process.ExitCode;
    }

    public void Interrupt() => Process.Start("kill", ["-INT", _process.Id.ToString(CultureInfo.InvariantCulture)]).WaitForExit();

    /// <summary>The invariant report once nothing is in flight any more.</summary>
    public async Task<JsonNode> QuietInvariantsAsync(double seconds = 60)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(2) };
        http.DefaultRequestHeaders.Add("Shop-Operator-Key", await File.ReadAllTextAsync(Path.Combine(_data, "operator.key")));
        JsonNode report;
        var started = Stopwatch.GetTimestamp();
        do
        {
            report = JsonNode.Parse(await http.GetStringAsync($"{OrderingAddress}/ops/invariants"))!;
            if (report["inFlight"]!.GetValue<long>() == 0)
            {
                break;
            }

            await Task.Delay(100);
        }
        while (Stopwatch.GetElapsedTime(started).TotalSeconds < seconds);

        return report;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private void Keep(string? line, bool isError)
    {
        lock (_output)
        {
            _output.AppendLine(line);
            if (isError)
            {
                _errors.AppendLine(line);
            }
        }
    }
}
