using System.ComponentModel;
using System.Diagnostics;
using Shop.Lab.Measuring;

namespace Shop.Benchmarks.Frame;

/// <summary>A program that runs beside the cluster for as long as it is needed: a rival, or a backend.</summary>
internal sealed class Companion : IDisposable
{
    private readonly Process _process;
    private TimeSpan? _atEnd;

    private Companion(string name, Process process) => (Name, _process) = (name, process);

    public string Name { get; }

    /// <summary>Of the process and of its children, which are known by their parent.</summary>
    public TimeSpan Cpu => _atEnd ?? ProcessUsage.Cpu([_process.Id, .. ChildrenOf(_process.Id)]);

    public static Companion Start(string name, IReadOnlyList<string> command, IReadOnlyDictionary<string, string>? environment)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (variable, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[variable] = value;
        }

        try
        {
            var process = Process.Start(start) ?? throw new BenchException($"cannot start {command[0]}");
            process.OutputDataReceived += static (_, _) => { }; // read and forgotten: a full pipe would stop it
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            return new Companion(name, process);
        }
        catch (Win32Exception exception)
        {
            throw new BenchException($"cannot start {command[0]}: {exception.Message}", exception);
        }
    }

    public void Dispose()
    {
        if (_atEnd is null)
        {
            _atEnd = Cpu;
            if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
                _process.WaitForExit();
            }

            _process.Dispose();
        }
    }

    private static IEnumerable<int> ChildrenOf(int id)
    {
        var file = $"/proc/{id}/task/{id}/children";
        return File.Exists(file)
            ? File.ReadAllText(file).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(child => int.Parse(child, System.Globalization.CultureInfo.InvariantCulture))
            : [];
    }
}
