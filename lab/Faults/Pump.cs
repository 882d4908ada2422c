using System.Buffers;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Shop.Lab.Faults;

/// <summary>One direction of one connection: reads, and writes when and as far as the toxics allow.</summary>
/// <param name="ended">Told when <paramref name="from"/> has ended, before the other side hears of it.</param>
internal sealed class Pump(Socket from, Socket to, Func<Toxics> toxics, Func<Task> ended, TimeProvider clock, Random random)
{
    private const int PieceSize = 16 * 1024;

    // So much may be under way; then the sender has to wait, as on a real line.
    private const int MaxPieces = 64;

    // A limited line sends in slices of this part of a second, so that a new limit is felt soon.
    private const int SlicesPerSecond = 20;

    private readonly Channel<Piece> _underWay = Channel.CreateBounded<Piece>(
        new BoundedChannelOptions(MaxPieces) { SingleReader = true, SingleWriter = true, AllowSynchronousContinuations = true });

    private readonly long _started = clock.GetTimestamp();
    private volatile bool _hasGap;
    private Toxics? _counting;
    private long _passed;

    /// <summary>Something was swallowed. Nothing may follow: TCP never delivers what comes after a gap.</summary>
    public bool HasGap => _hasGap;

    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        var last = TimeSpan.Zero;
        while (true)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(PieceSize);
            var count = await ReceiveAsync(buffer, cancellationToken);
            var now = toxics();
            if (now.Swallow || _hasGap)
            {
                ArrayPool<byte>.Shared.Return(buffer);
                _hasGap = true;
                if (!toxics().Swallow)
                {
                    throw new SocketException((int)SocketError.ConnectionReset); // healed meanwhile
                }

                await (count > 0 ? Task.CompletedTask : Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken));
                continue;
            }

            var due = clock.GetElapsedTime(_started) + now.Latency + (now.Jitter * random.NextDouble());
            last = due > last ? due : last; // in order
            await _underWay.Writer.WriteAsync(new Piece(buffer, count, last), cancellationToken);
            if (count == 0)
            {
                return;
            }
        }
    }

    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        await foreach (var (buffer, count, due) in _underWay.Reader.ReadAllAsync(cancellationToken))
        {
            if (due - clock.GetElapsedTime(_started) is { Ticks: > 0 } wait)
            {
                await Task.Delay(wait, clock, cancellationToken);
            }

            if (count == 0)
            {
                to.Shutdown(SocketShutdown.Send);
                return;
            }

            for (var sent = 0; sent < count;)
            {
                sent += await SendSliceAsync(buffer.AsMemory(sent, count - sent), cancellationToken);
            }

            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<int> ReceiveAsync(byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            var count = await from.ReceiveAsync(buffer, cancellationToken);
            await (count > 0 ? Task.CompletedTask : ended());
            return count;
        }
        catch (SocketException)
        {
            await ended();
            throw;
        }
    }

    private async Task<int> SendSliceAsync(ReadOnlyMemory<byte> rest, CancellationToken cancellationToken)
    {
        var now = toxics();
        if (now.BytesPerSecond is { } rate)
        {
            rest = rest[..(int)Math.Min(rest.Length, Math.Max(1, rate / SlicesPerSecond))];
        }

        if (now.CutAfter is { } limit)
        {
            if (!ReferenceEquals(_counting, now))
            {
                (_counting, _passed) = (now, 0);
            }

            if (_passed >= limit)
            {
                throw new SocketException((int)SocketError.ConnectionAborted);
            }

            rest = rest[..(int)Math.Min(rest.Length, limit - _passed)];
        }

        var sent = await to.SendAsync(rest, cancellationToken);
        _passed += sent;
        if (now.BytesPerSecond is { } bytes)
        {
            await Task.Delay(TimeSpan.FromSeconds((double)sent / bytes), clock, cancellationToken);
        }

        return sent;
    }

    /// <param name="Count">0: the end.</param>
    private readonly record struct Piece(byte[] Buffer, int Count, TimeSpan Due);
}
