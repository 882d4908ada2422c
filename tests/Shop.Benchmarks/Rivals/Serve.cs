using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Shop.Benchmarks.Frame;
using Shop.Benchmarks.Rivals.Idiom;
using Shop.Lab.Cluster.Servers;
using Yarp.ReverseProxy.Configuration;

namespace Shop.Benchmarks.Rivals;

/// <summary>What the suite starts of itself as processes of their own: a backend that answers anything, YARP with nothing around it, and a checkout in MassTransit's idiom.</summary>
internal static class Serve
{
    public const int AnswerBytes = 512;

    private const string Name = "serve";
    private const string MassTransitName = "mass-transit";

    public static Companion Backend(Workbench bench, int port) => bench.Start("backend", Command("backend", "--port", $"{port}"));

    public static Companion Yarp(Workbench bench, int port, int to) => bench.Start("yarp", Command("yarp", "--port", $"{port}", "--to", $"{to}"));

    // What is secret goes by the environment, which others cannot read.
    public static Companion MassTransit(Workbench bench, int port, string database, Uri broker) => bench.Start(
        "mass-transit",
        Command(MassTransitName, "--port", $"{port}"),
        new Dictionary<string, string>
        {
            [IdiomApp.Database.Replace(":", "__", StringComparison.Ordinal)] = database,
            [IdiomApp.Broker.Replace(":", "__", StringComparison.Ordinal)] = $"{broker}",
        });

    public static Command Create()
    {
        var port = new Option<int>("--port") { Required = true };
        var to = new Option<int>("--to") { Required = true };
        var backend = new Command("backend") { port };
        backend.SetAction((arguments, cancellationToken) => RunAsync(BackendOn(arguments.GetRequiredValue(port)), cancellationToken));
        var yarp = new Command("yarp") { port, to };
        yarp.SetAction((arguments, cancellationToken) => RunAsync(YarpOn(arguments.GetRequiredValue(port), arguments.GetRequiredValue(to)), cancellationToken));
        var massTransit = new Command(MassTransitName) { port };
        massTransit.SetAction((arguments, cancellationToken) => RunAsync(IdiomApp.Build(Builder(arguments.GetRequiredValue(port))), cancellationToken));
        return new Command(Name) { Hidden = true, Subcommands = { backend, yarp, massTransit } };
    }

    private static IReadOnlyList<string> Command(params string[] arguments) => [new Binaries().Dotnet, typeof(Serve).Assembly.Location, Name, .. arguments];

    private static WebApplication BackendOn(int port)
    {
        var app = Builder(port).Build();
        var answer = new byte[AnswerBytes];
        Array.Fill(answer, (byte)'x');
        app.Run(context =>
        {
            context.Response.ContentType = "text/plain";
            context.Response.ContentLength = AnswerBytes;
            return context.Response.Body.WriteAsync(answer, 0, answer.Length);
        });
        return app;
    }

    private static WebApplication YarpOn(int port, int to)
    {
        var builder = Builder(port);
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "backend", Match = new RouteMatch { Path = "/{**all}" } }],
            [
                new ClusterConfig
                {
                    ClusterId = "backend",
                    Destinations = new Dictionary<string, DestinationConfig> { ["backend"] = new() { Address = $"http://127.0.0.1:{to}" } },
                },
            ]);
        var app = builder.Build();
        app.MapReverseProxy();
        return app;
    }

    private static WebApplicationBuilder Builder(int port)
    {
        // Not the directory that it was started in: ASP.NET Core watches its files, and the cluster writes to them.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        return builder;
    }

    // Its input closes with the suite, also when that is killed.
    private static async Task<int> RunAsync(WebApplication app, CancellationToken cancellationToken)
    {
        await using (app)
        {
            await app.StartAsync(cancellationToken);
            await Console.In.ReadToEndAsync(cancellationToken);
            await app.StopAsync(CancellationToken.None);
            return 0;
        }
    }
}
