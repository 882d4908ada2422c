using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Shop.ServiceDefaults;

internal static class HealthEndpoints
{
    public const string Prefix = "/health";

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        Map("live", _ => false);
        Map("ready", check => check.Tags.Contains(HealthTags.Ready));
        Map("startup", check => check.Tags.Contains(HealthTags.Startup));

        void Map(string probe, Func<HealthCheckRegistration, bool> asks) => routes
            .MapHealthChecks($"{Prefix}/{probe}", new HealthCheckOptions { Predicate = asks, ResponseWriter = WriteAsync })
            .AllowAnonymous();
    }

    // Names and states only: a description or an exception could tell a stranger about hosts and databases.
    private static Task WriteAsync(HttpContext context, HealthReport report) => context.Response.WriteAsJsonAsync(new
    {
        Status = report.Status.ToString(),
        Checks = report.Entries.ToDictionary(entry => entry.Key, entry => entry.Value.Status.ToString()),
    });
}
