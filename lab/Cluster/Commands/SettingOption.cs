using System.CommandLine;

namespace Shop.Lab.Cluster.Commands;

/// <summary><c>--set NAME=VALUE</c>, as often as wanted: settings of every application of the cluster, above those it has by itself.</summary>
internal static class SettingOption
{
    public static Option<string[]> Create()
    {
        var option = new Option<string[]>("--set") { Description = "A setting of every application, NAME=VALUE, and no secret. May be repeated." };
        option.Validators.Add(result =>
        {
            var pairs = result.Tokens.Select(token => token.Value.Split('=', 2)).ToList();
            var names = pairs.Select(pair => pair[0].Replace("__", ":", StringComparison.Ordinal)).Distinct(StringComparer.OrdinalIgnoreCase);
            if (pairs.Any(pair => pair is not [{ Length: > 0 }, _]) || names.Count() < pairs.Count)
            {
                result.AddError("--set takes NAME=VALUE, each name once.");
            }
        });
        return option;
    }

    public static Dictionary<string, string> Settings(this ParseResult arguments, Option<string[]> option) =>
        (arguments.GetValue(option) ?? []).Select(setting => setting.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
}
