using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Shop.IntegrationTests.Support;

namespace Shop.IntegrationTests.Discovery;

/// <summary>A Consul agent of this test alone, on ports of its own. It keeps everything in memory: restarted, it has lost its data.</summary>
internal sealed class ConsulProcess : IAsyncDisposable
{
    private const string MasterToken = "6d2e2f4c-0000-4000-8000-000000000001";

    private readonly HttpClient _http;
    private readonly int _port = Ports.Free(4);
    private readonly bool _withAcl;
    private Process? _process;

    private ConsulProcess(bool withAcl)
    {
        _withAcl = withAcl;
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Port}/v1/") };
        if (withAcl)
        {
            _http.DefaultRequestHeaders.Add("X-Consul-Token", MasterToken);
        }
    }

    public string Port => _port.ToString(CultureInfo.InvariantCulture);

    /// <param name="withAcl">Nobody may do anything without a token.</param>
    public static async Task<ConsulProcess> StartAsync(bool withAcl = false)
    {
        var consul = new ConsulProcess(withAcl);
        await consul.UpAsync();
        return consul;
    }

    /// <summary>An address that nobody listens on yet.</summary>
    public static ConsulProcess NotStarted() => new(withAcl: false);

    /// <summary>Settings for a process of the shop, with short times.</summary>
    public Dictionary<string, string?> Settings(string instance, params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Shop:Instance"] = instance,
            ["Consul:Host"] = "127.0.0.1",
            ["Consul:Port"] = Port,

            // A question that met the old agent's end is put again to the new one by the HTTP client, old index and all: it is answered after this.
            ["Consul:MaxWait"] = "00:00:08",
            ["Consul:Discovery:HealthCheckInterval"] = "1s",

            // For a machine that stands still for a moment: what is dead refuses at once, and is not waited for.
            ["Consul:Timeout"] = "00:00:30",
            ["Consul:Config:StartWait"] = "00:01:00",
            ["Consul:Discovery:StartWait"] = "00:01:00",
            ["Consul:Discovery:HealthCheckTimeout"] = "30s",
            ["Consul:Discovery:RegistrationInterval"] = "00:00:00.200",
            ["Consul:Discovery:DrainTime"] = "00:00:00.500",
        };
        foreach (var (key, value) in more)
        {
            settings[key] = value;
        }

        return settings;
    }

    public async Task UpAsync()
    {
        var start = new ProcessStartInfo("consul") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments =
        [
            "agent", "-dev", "-node", "test", "-bind", "127.0.0.1", "-client", "127.0.0.1",
            "-http-port", Port, "-server-port", Next(1), "-serf-lan-port", Next(2), "-serf-wan-port", Next(3),
            "-dns-port", "-1", "-grpc-port", "-1", "-hcl", "disable_update_check = true",
        ];
        if (_withAcl)
        {
            arguments = [.. arguments, "-hcl", $$"""acl { enabled = true  default_policy = "deny"  tokens { master = "{{MasterToken}}"  agent = "{{MasterToken}}" } }"""];
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var output = new StringBuilder();
        try
        {
            _process = Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            throw new InvalidOperationException("These tests need Consul: put a binary 'consul' (1.8 or later) on the PATH.", exception);
        }

        _process.OutputDataReceived += (_, line) => output.AppendLine(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        try
        {
            await Eventually.TrueAsync(async () => (await _http.GetStringAsync("status/leader")).Length > 2, seconds: 30);
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException($"Consul did not start:\n{output}");
        }
    }

    /// <summary>SIGKILL.</summary>
    public async Task DownAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _process = null;
    }

    /// <summary>Consul loses all it knows, and is back at once.</summary>
    public async Task RestartEmptyAsync()
    {
        await DownAsync();
        await UpAsync();
    }

    /// <summary>The instances of a service that pass their checks.</summary>
    public async Task<string[]> PassingAsync(string service)
    {
        var entries = await _http.GetFromJsonAsync<JsonArray>($"health/service/{service}?passing=true");
        return [.. entries!.Select(entry => entry!["Service"]!["ID"]!.GetValue<string>()).Order(StringComparer.Ordinal)];
    }

    public async Task<JsonNode?> EntryAsync(string instance)
    {
        using var response = await _http.GetAsync($"agent/service/{instance}");
        return response.IsSuccessStatusCode ? await response.Content.ReadFromJsonAsync<JsonNode>() : null;
    }

    /// <summary>The keys that start so; none where there is nothing.</summary>
    public async Task<JsonArray> KeysAsync(string prefix)
    {
        using var response = await _http.GetAsync($"kv/{prefix}?recurse");
        return response.IsSuccessStatusCode ? (await response.Content.ReadFromJsonAsync<JsonArray>())! : [];
    }

    public async Task PutAsync(string path, string? body = null)
    {
        using var response = await _http.PutAsync(path, body is null ? null : new StringContent(body));
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Writes all keys in one transaction.</summary>
    public async Task SetAsync(params (string Key, string Value)[] pairs)
    {
        var operations = pairs.Select(pair => new
        {
            KV = new { Verb = "set", pair.Key, Value = Convert.ToBase64String(Encoding.UTF8.GetBytes(pair.Value)) },
        });
        using var response = await _http.PutAsJsonAsync("txn", operations, System.Text.Json.JsonSerializerOptions.Default);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>A token that may do what the rules say.</summary>
    public async Task<string> TokenAsync(string rules)
    {
        var policy = await PutJsonAsync("acl/policy", new { Name = "shop", Rules = rules });
        var token = await PutJsonAsync("acl/token", new { Policies = new[] { new { ID = policy["ID"]!.GetValue<string>() } } });
        return token["SecretID"]!.GetValue<string>();
    }

    public async ValueTask DisposeAsync()
    {
        await DownAsync();
        _http.Dispose();
    }

    private async Task<JsonNode> PutJsonAsync<T>(string path, T body)
    {
        using var response = await _http.PutAsJsonAsync(path, body, System.Text.Json.JsonSerializerOptions.Default);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    private string Next(int offset) => (_port + offset).ToString(CultureInfo.InvariantCulture);
}
