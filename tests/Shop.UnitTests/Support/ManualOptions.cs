using Microsoft.Extensions.Options;

namespace Shop.UnitTests.Support;

/// <summary>Options that change when the test says so.</summary>
internal sealed class ManualOptions<TOptions>(TOptions value) : IOptionsMonitor<TOptions>
    where TOptions : class
{
    private Action<TOptions, string?>? _changed;

    public TOptions CurrentValue { get; private set; } = value;

    public TOptions Get(string? name) => CurrentValue;

    public IDisposable? OnChange(Action<TOptions, string?> listener)
    {
        _changed += listener;
        return null;
    }

    public void Change(TOptions value)
    {
        CurrentValue = value;
        _changed?.Invoke(value, null);
    }
}
