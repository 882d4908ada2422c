namespace Shop.Benchmarks.Frame;

/// <summary>Nothing can be measured, for a reason that one line can tell.</summary>
internal sealed class BenchException(string message, Exception? inner = null) : Exception(message, inner);
