using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace Shop.UnitTests.Architecture;

/// <summary>Entities are plain C#: they know neither the database nor the web, and change only through their own methods.</summary>
/// <remarks>Reflection sees signatures, attributes and the locals of methods, not every call inside a body.</remarks>
public sealed class EntityTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly string[] Foreign = ["Microsoft.EntityFrameworkCore", "Microsoft.AspNetCore", "MassTransit"];

    [Theory]
    [InlineData("Shop.Ordering")]
    [InlineData("Shop.Inventory")]
    [InlineData("Shop.Payments")]
    public void Entities_are_plain_and_change_only_through_their_methods(string service)
    {
        var entities = Entities(Assembly.Load(service).GetTypes()).ToArray();

        Assert.True(entities.Length > 0, $"{service} has no DbContext with a DbSet: the rule has nothing to look at.");
        Assert.Empty(entities.SelectMany(Violations));
    }

    [Fact]
    public void The_entities_of_a_context_are_found() => Assert.Equal([typeof(Plain), typeof(Leaky)], Entities([typeof(Context), typeof(EntityTests)]));

    [Fact]
    public void A_plain_entity_is_left_alone() => Assert.Empty(Violations(typeof(Plain)));

    [Fact]
    public void Every_leak_of_an_entity_is_found() => Assert.Equal(
        [
            "Leaky.Name has a public setter",
            "Leaky knows Microsoft.AspNetCore.Http.HttpContext",
            "Leaky knows Microsoft.EntityFrameworkCore.DbContext",
            "Leaky knows Microsoft.EntityFrameworkCore.DbSet`1",
            "Leaky knows Microsoft.EntityFrameworkCore.IndexAttribute",
        ],
        Violations(typeof(Leaky)));

    private static IEnumerable<Type> Entities(IEnumerable<Type> types) => types
        .Where(type => type.IsAssignableTo(typeof(DbContext)))
        .SelectMany(context => context.GetProperties())
        .Select(property => property.PropertyType)
        .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(DbSet<>))
        .Select(set => set.GenericTypeArguments[0])
        .Distinct();

    private static IEnumerable<string> Violations(Type entity)
    {
        // init is no setter: nobody can use it on an entity that exists.
        var setters =
            from property in entity.GetProperties()
            where property.SetMethod is { IsPublic: true } setter
                && !setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit))
            select $"{entity.Name}.{property.Name} has a public setter";

        var foreign =
            from type in Known(entity).SelectMany(Parts).Distinct()
            where Foreign.Any(prefix => type.Assembly.GetName().Name!.StartsWith(prefix, StringComparison.Ordinal))
            orderby type.FullName
            select $"{entity.Name} knows {type.Namespace}.{type.Name}";

        return setters.Concat(foreign);
    }

    private static IEnumerable<Type> Known(Type entity)
    {
        var members = entity.GetMembers(Declared);
        var methods = members.OfType<MethodBase>().ToArray();
        return
        [
            .. entity.GetInterfaces(),
            .. entity.BaseType is { } parent ? [parent] : Type.EmptyTypes,
            .. members.OfType<FieldInfo>().Select(field => field.FieldType),
            .. methods.SelectMany(method => method.GetParameters()).Select(parameter => parameter.ParameterType),
            .. methods.OfType<MethodInfo>().Select(method => method.ReturnType),
            .. methods.SelectMany(method => method.GetMethodBody()?.LocalVariables ?? []).Select(local => local.LocalType),
            .. members.Append(entity).SelectMany(member => member.CustomAttributes).Select(attribute => attribute.AttributeType),
        ];
    }

    private static IEnumerable<Type> Parts(Type type) => type.HasElementType
        ? Parts(type.GetElementType()!)
        : type.GenericTypeArguments.SelectMany(Parts).Append(type.IsGenericType ? type.GetGenericTypeDefinition() : type);

    private sealed class Context : DbContext
    {
        public DbSet<Plain> Plain => Set<Plain>();

        public DbSet<Leaky> Leaky => Set<Leaky>();
    }

    private sealed class Plain
    {
        public long Id { get; private set; }

        public required string Name { get; init; }

        public void Renumber(long id) => Id = id;
    }

    [Index(nameof(Name))]
    private sealed class Leaky
    {
        public string Name { get; set; } = "";

        public static List<DbSet<Leaky>> Siblings() => [];

        public static void Answer(Func<HttpContext> _)
        {
        }

        public override string ToString()
        {
            DbContext? hidden = null;
            for (var i = 0; i < Name.Length; i++)
            {
                hidden ??= new Context();
            }

            return $"{hidden}";
        }
    }
}
