using System.Text.Json.Nodes;
using Shop.ServiceDefaults;

namespace Shop.IntegrationTests.Support;

/// <summary>What the API promises of every response, whatever the route; checked on each one that a <see cref="ShopClient"/> gets.</summary>
internal static class ApiRules
{
    private static readonly string[] ProblemMembers = ["type", "title", "status", "code", "traceId", "detail", "errors", "currentVersion"];

    public static void Check(HttpMethod method, Reply reply)
    {
        Assert.Matches("^[0-9a-f]{32}$", reply.Header("Shop-Trace-Id") ?? "");
        Assert.False(string.IsNullOrEmpty(reply.Header("Shop-Instance")), "Shop-Instance is missing");
        Assert.Equal("nosniff", reply.Header("X-Content-Type-Options"));
        Assert.Null(reply.Header("Server"));
        Assert.Null(reply.Header("X-Powered-By"));
        if ((int)reply.Status >= 400)
        {
            CheckHeaders(reply);
            if (method != HttpMethod.Head)
            {
                CheckProblem(reply);
            }
        }
    }

    private static void CheckHeaders(Reply reply)
    {
        // What each status needs to be of use to a program.
        string[] needed = (int)reply.Status switch
        {
            401 => ["WWW-Authenticate"],
            405 => ["Allow"],
            429 => ["Retry-After", "RateLimit-Policy", "RateLimit"],
            503 => ["Retry-After"],
            _ => [],
        };
        Assert.All(needed, name => Assert.False(string.IsNullOrEmpty(reply.Header(name)), $"{(int)reply.Status} without {name}"));
        Assert.DoesNotContain("public", reply.Header("Cache-Control") ?? "", StringComparison.Ordinal);
    }

    private static void CheckProblem(Reply reply)
    {
        Assert.True(
            reply.Header("Content-Type")?.StartsWith("application/problem+json", StringComparison.Ordinal) is true,
            $"{(int)reply.Status} {reply.Header("Content-Type")}: {reply.Text}");
        var problem = reply.Body.AsObject();
        var type = ProblemCatalogue.Find(problem["code"]!.GetValue<string>());
        Assert.True(type is not null, $"no such problem: {reply.Text}");
        Assert.Equal($"/problems/{type.Slug}", problem["type"]!.GetValue<string>());
        Assert.Equal(type.Title, problem["title"]!.GetValue<string>());
        Assert.Equal((int)reply.Status, problem["status"]!.GetValue<int>());
        Assert.Equal(reply.Header("Shop-Trace-Id"), problem["traceId"]!.GetValue<string>());
        Assert.All(problem, member => Assert.Contains(member.Key, ProblemMembers));
        Assert.Equal(type.Slug is "validation-failed" && problem["detail"] is null, problem["errors"] is JsonObject && problem["detail"] is null);
        foreach (var (key, messages) in problem["errors"]?.AsObject() ?? [])
        {
            Assert.True(key is "$" || key.Split('.').All(part => part.Length == 0 || !char.IsUpper(part[0])), $"not camelCase: {key}");
            Assert.NotEmpty(messages!.AsArray());
        }

        Assert.DoesNotContain("Exception", reply.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", reply.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("SQLite", reply.Text, StringComparison.OrdinalIgnoreCase);
    }
}
