using System.Buffers.Binary;
using System.Text;

namespace Shop.Lab.Cluster.Probes;

/// <summary>Ready when a user can log in to the virtual host: the node is up, its users are loaded and the host is open.</summary>
/// <remarks>AMQP 0-9-1 by hand, as far as an open connection: <c>rabbitmqctl</c> takes two seconds for the same answer.</remarks>
internal sealed record AmqpProbe(int Port, string VirtualHost, string User, string Password) : Probe
{
    private const ushort Connection = 10;
    private const ushort StartOk = 11;
    private const ushort Tune = 30;
    private const ushort TuneOk = 31;
    private const ushort Open = 40;
    private const ushort OpenOk = 41;
    private const ushort Close = 50;
    private const byte MethodFrame = 1;
    private const byte FrameEnd = 0xCE;
    private const int HeaderBytes = 7;
    private const int MaxFrameBytes = 128 * 1024;

    protected override async Task<ProbeResult> AskAsync(CancellationToken cancellationToken)
    {
        await using var stream = await Loopback.ConnectAsync(Port, cancellationToken);
        await stream.WriteAsync("AMQP\0\0\t\u0001"u8.ToArray(), cancellationToken);
        await ReadAsync(stream, cancellationToken); // Start: which mechanisms there are is known

        // No client properties, the mechanism, its answer, the language.
        await WriteAsync(stream, StartOk, [.. Long(0), .. Short("PLAIN"), .. LongText($"\0{User}\0{Password}"), .. Short("en_US")], cancellationToken);
        var (method, limits) = await ReadAsync(stream, cancellationToken);
        if (method != Tune)
        {
            return ProbeResult.NotReady(Refusal(method, limits));
        }

        await WriteAsync(stream, TuneOk, limits, cancellationToken);
        await WriteAsync(stream, Open, [.. Short(VirtualHost), 0, 0], cancellationToken);
        var (answer, text) = await ReadAsync(stream, cancellationToken);
        if (answer != OpenOk)
        {
            return ProbeResult.NotReady(Refusal(answer, text));
        }

        await WriteAsync(stream, Close, [0, 200, .. Short("bye"), 0, 0, 0, 0], cancellationToken);
        await ReadAsync(stream, cancellationToken);
        return ProbeResult.Ready;
    }

    private static async Task WriteAsync(Stream stream, ushort method, byte[] arguments, CancellationToken cancellationToken)
    {
        var frame = new byte[HeaderBytes + 4 + arguments.Length + 1];
        frame[0] = MethodFrame;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(3), arguments.Length + 4);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(HeaderBytes), Connection);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(HeaderBytes + 2), method);
        arguments.CopyTo(frame, HeaderBytes + 4);
        frame[^1] = FrameEnd;
        await stream.WriteAsync(frame, cancellationToken);
    }

    private static async Task<(ushort Method, byte[] Arguments)> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var header = new byte[HeaderBytes];
        await stream.ReadExactlyAsync(header, cancellationToken);
        var size = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(3));
        if (header[0] != MethodFrame || size is < 4 or > MaxFrameBytes)
        {
            throw new InvalidDataException("this is not AMQP 0-9-1");
        }

        var payload = new byte[size + 1];
        await stream.ReadExactlyAsync(payload, cancellationToken);
        return (BinaryPrimitives.ReadUInt16BigEndian(payload.AsSpan(2)), payload[4..^1]);
    }

    private static string Refusal(ushort method, byte[] arguments) => method == Close && arguments.Length > 3
        ? Encoding.UTF8.GetString(arguments, 3, Math.Min(arguments[2], arguments.Length - 3))
        : $"unexpected answer {method}";

    private static byte[] Short(string text) => [(byte)text.Length, .. Encoding.UTF8.GetBytes(text)];

    private static byte[] LongText(string text) => [.. Long(Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    private static byte[] Long(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
