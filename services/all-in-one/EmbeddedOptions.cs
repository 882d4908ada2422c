using Shop.BuildingBlocks.Messaging;

namespace Shop.AllInOne;

/// <summary>What the command line says, and what tests put in its place.</summary>
internal sealed record EmbeddedOptions(string DataDirectory, int Port, bool Reset)
{
    /// <summary>Settings above all others, for every application.</summary>
    public IReadOnlyDictionary<string, string?> Overrides { get; init; } = new Dictionary<string, string?>();

    /// <summary>The way envelopes travel; a test can put a bad road here.</summary>
    public ITransport Transport { get; init; } = new LoopbackTransport();

    /// <summary>The environment of the applications; the process's own unless stated.</summary>
    public string? Environment { get; init; }

    /// <summary>Services above those of the applications; a test can put a bad road for calls here.</summary>
    public Action<IServiceCollection>? Services { get; init; }
}
