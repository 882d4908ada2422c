using System.CommandLine;

namespace Shop.Lab;

/// <summary>Options of the commands, refused with one line where they make no sense.</summary>
internal static class Arguments
{
    public static Option<Uri> Address(string name, string description, string defaultValue) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => new Uri(defaultValue),

        // The library knows how to read numbers and files, but no addresses.
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens.Single().Value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
            {
                return address;
            }

            result.AddError($"{name} must be an absolute http address.");
            return null;
        },
    };

    public static Option<int> Number(string name, string description, int defaultValue, int max)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => defaultValue };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is var value && (value < 1 || value > max))
            {
                result.AddError($"{name} must be from 1 to {max}.");
            }
        });
        return option;
    }
}
