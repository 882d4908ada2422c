using System.CodeDom.Compiler;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Shop.UnitTests.Architecture;

/// <summary>Nothing is open for inheritance by accident.</summary>
public sealed class TypeTests
{
    private static readonly string[] Assemblies =
    [
        "Shop.Contracts", "Shop.BuildingBlocks", "Shop.ServiceDefaults", "Shop.Gateway", "Shop.Ordering", "Shop.Inventory", "Shop.Payments", "Shop.Lab", "Shop.Benchmarks",
    ];

    [Fact]
    public void Every_class_is_sealed_abstract_or_static() => Assert.Empty(Open(Assemblies.SelectMany(name => Assembly.Load(name).GetTypes())));

    [Fact]
    public void An_open_class_is_found() => Assert.Equal(
        [typeof(OpenClass).FullName, typeof(OpenRecord).FullName],
        Open([typeof(OpenClass), typeof(OpenRecord), typeof(TypeTests), typeof(BindingFlags), typeof(Console), typeof(Assembly)]));

    private static IEnumerable<string?> Open(IEnumerable<Type> types) => types
        .Where(type => type is { IsClass: true, IsSealed: false, IsAbstract: false })
        .Where(type => !type.IsDefined(typeof(CompilerGeneratedAttribute)) && !type.IsDefined(typeof(GeneratedCodeAttribute)))
        .Where(type => !type.Name.StartsWith('<') && type.Name != "Program") // the compiler's own
        .Select(type => type.FullName);

#pragma warning disable CA1852 // Open on purpose: the rule has to find them.
    private class OpenClass;

    private record OpenRecord;
#pragma warning restore CA1852
}
