using System.Net;
using System.Reflection;
using Shop.ServiceDefaults;

namespace Shop.Gateway.Docs;

/// <summary>What a person sees: the API document, its UI, and a page for each problem.</summary>
internal static class DocsEndpoints
{
    public const string DocumentPath = "/openapi/v1.json";

    private const string DocumentResource = "openapi.v1.json";

    public static void MapDocs(this WebApplication app)
    {
        app.UseWhen(IsPage, pages => pages
            .UseMiddleware<DocsSwitch>()
            .UseMiddleware<HtmlPolicyMiddleware>()
            .UseSwaggerUI(ui =>
            {
                ui.RoutePrefix = "docs";
                ui.DocumentTitle = OpenApiMerge.Title;
                ui.SwaggerEndpoint(DocumentPath, OpenApiMerge.Title);
            }));

        var pages = app.MapGroup("/").ExcludeFromDescription();
        pages.MapGet("/", () => TypedResults.Redirect("/docs"));
        pages.MapGet(DocumentPath, Document);
        pages.MapGet("/problems", () => Html("Problems", Index()));
        pages.MapGet("/problems/{slug}", (string slug) =>
            ProblemCatalogue.Find(slug) is { } problem ? Html(problem.Title, Page(problem)) : Problems.NotFound());
    }

    // What the API answers is never a page: its requests do not pay for looking.
    private static bool IsPage(HttpContext context) => !context.Request.Path.StartsWithSegments(GatewayExtensions.ApiPrefix);

    private static IResult Document() => TypedResults.Stream(
        Assembly.GetExecutingAssembly().GetManifestResourceStream(DocumentResource)
            ?? throw new InvalidOperationException($"The resource {DocumentResource} is missing."),
        "application/json");

    private static IResult Html(string title, string body) => TypedResults.Content(
        $"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{WebUtility.HtmlEncode(title)}</title>"
        + $"<style>body{{font:16px/1.5 sans-serif;max-width:40em;margin:3em auto;padding:0 1em}}</style>{body}</html>",
        "text/html; charset=utf-8");

    private static string Page(ProblemType problem) =>
        $"<h1>{WebUtility.HtmlEncode(problem.Title)}</h1><p><code>{problem.Slug}</code>, status {problem.Status}</p>"
        + $"<p>{WebUtility.HtmlEncode(problem.Description)}</p><p><a href=\"/problems\">All problems</a></p>";

    private static string Index() =>
        "<h1>Problems</h1><ul>" + string.Concat(ProblemCatalogue.All.Select(problem =>
            $"<li><a href=\"{problem.Uri}\"><code>{problem.Slug}</code></a> {problem.Status}, {WebUtility.HtmlEncode(problem.Title)}</li>")) + "</ul>";
}
