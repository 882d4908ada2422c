using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Shop.ServiceDefaults;

/// <summary>How long the caller would like to wait for a final answer: <c>Prefer: wait=S</c> (RFC 7240).</summary>
/// <remarks>A preference, not a deadline: the answer may come sooner without being final, and what cannot be read is ignored.</remarks>
public readonly record struct PreferWait(TimeSpan? Wait) : IEndpointParameterMetadataProvider
{
    public const int MaxSeconds = 30;

    /// <summary>The value of <c>Preference-Applied</c>, or null where nothing was preferred.</summary>
    public string? Applied => Wait is { } wait ? string.Create(CultureInfo.InvariantCulture, $"wait={(int)wait.TotalSeconds}") : null;

    /// <summary>The first readable <c>wait</c> among all Prefer headers; other preferences and parameters are skipped.</summary>
    public static PreferWait Parse(IEnumerable<string?> headers)
    {
        var preferences = headers.SelectMany(header => (header ?? "").Split(',', StringSplitOptions.TrimEntries));
        foreach (var preference in preferences)
        {
            var pair = preference.Split(';', 2)[0].Split('=', 2, StringSplitOptions.TrimEntries);
            if (pair is [var name, var value] && name.Equals("wait", StringComparison.OrdinalIgnoreCase) && Seconds(value) is { } seconds)
            {
                return new PreferWait(TimeSpan.FromSeconds(seconds));
            }
        }

        return default;
    }

    public static ValueTask<PreferWait> BindAsync(HttpContext context, ParameterInfo parameter) =>
        ValueTask.FromResult(context.Request.Headers.TryGetValue(ShopHeaders.Prefer, out var headers) ? Parse(headers) : default);

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new DocumentedParameter(ShopHeaders.Prefer, InHeader: true, Required: false, "string",
            "wait=S: wait up to S seconds (more than 30 is 30) for the final state."));

    private static int? Seconds(string value)
    {
        var digits = value is ['"', .. var inner, '"'] ? inner : value;
        return digits.Length > 0 && digits.All(char.IsAsciiDigit)
            ? int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? Math.Min(seconds, MaxSeconds) : MaxSeconds
            : null;
    }
}
