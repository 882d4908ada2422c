namespace Shop.IntegrationTests.Guards;

/// <summary>A guard, what goes with it, the fault that it is for, and the schedule that brings both together.</summary>
/// <param name="Guard">As in <c>Guards:…</c>.</param>
/// <param name="Drops">The constraint that would otherwise still stop the fault.</param>
/// <param name="RunAsync">Runs the schedule with the guard on or off, and returns how many of its orders are damaged.</param>
internal sealed record GuardCase(string Guard, string Drops, string Fault, string Breaks, Func<bool, Task<long>> RunAsync)
{
    public override string ToString() => Guard;
}
