using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Storage;

namespace Shop.AllInOne;

/// <summary>Starts the shop, says where it listens, and stops it cleanly when told to.</summary>
internal static class Runner
{
    public static async Task<int> RunAsync(EmbeddedOptions options, CancellationToken cancellationToken)
    {
        try
        {
            using var data = DataDirectory.Open(options.DataDirectory, options.Reset);
            await using var shop = await StartAsync(options, data);
            Announce(options, data);
            await StopSignalAsync(cancellationToken);
            Console.WriteLine("Stopping: requests in flight finish first.");
            await shop.StopAsync();
            return 0;
        }
        catch (StartException exception)
        {
            await Console.Error.WriteLineAsync($"shop: {exception.Message.ReplaceLineEndings(" ")}");
            return exception.ExitCode;
        }
    }

    private static async Task<EmbeddedShop> StartAsync(EmbeddedOptions options, DataDirectory data)
    {
        try
        {
            return await EmbeddedShop.StartAsync(options, data);
        }
        catch (DatabaseUnusableException exception)
        {
            throw new StartException(ExitCodes.Database, $"{exception.Message} (--reset starts over, without it)", exception);
        }
        catch (IOException exception) when (exception.Message.Contains("bind", StringComparison.OrdinalIgnoreCase))
        {
            throw new StartException(ExitCodes.Port, $"{exception.Message} Choose another one with --port.", exception);
        }
        catch (OptionsValidationException exception)
        {
            throw new StartException(ExitCodes.Configuration, exception.Message, exception);
        }
    }

    private static void Announce(EmbeddedOptions options, DataDirectory data)
    {
        var gateway = $"http://localhost:{options.Port}";
        Console.WriteLine($"""

            The shop is open. Its data are in {data.Path}

              API    {gateway}/api/v1
              Docs   {gateway}/docs
              Check  curl -s -H "Shop-Operator-Key: $(cat '{data.OperatorKeyFile}')" http://127.0.0.1:{options.Port + 1}/ops/invariants

            Try    curl -s {gateway}/api/v1/products/umbrella
            Stop   Ctrl+C

            """);
    }

    private static async Task StopSignalAsync(CancellationToken cancellationToken)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        await using var cancelled = cancellationToken.Register(() => told.TrySetResult());
        await told.Task;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            told.TrySetResult();
        }
    }
}
