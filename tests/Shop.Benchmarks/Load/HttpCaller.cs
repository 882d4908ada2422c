using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Shop.Benchmarks.Load;

/// <summary>One HTTP/1.1 connection that is kept, with one request at a time.</summary>
/// <remarks>HttpClient costs several times as much for each request, on the same cores as what it is to measure. Understands what the shop's servers
/// send: a length or chunks, and nothing compressed.</remarks>
internal sealed class HttpCaller(int port) : IDisposable
{
    private const int MaxAnswer = 1024 * 1024;

    private byte[] _buffer = new byte[16 * 1024];
    private Socket? _socket;

    /// <summary>Sends a whole request and returns the whole answer, which is good until the next one. A connection that broke is opened anew by the next.</summary>
    /// <exception cref="SocketException">The connection broke; whether the request had an effect is unknown.</exception>
    /// <exception cref="InvalidDataException">The answer is not HTTP.</exception>
    public async ValueTask<HttpAnswer> SendAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        try
        {
            _socket ??= await ConnectAsync(cancellationToken);
            for (var sent = 0; sent < request.Length;)
            {
                sent += await _socket.SendAsync(request[sent..], cancellationToken);
            }

            return await ReceiveAsync(_socket, cancellationToken);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async ValueTask<HttpAnswer> ReceiveAsync(Socket socket, CancellationToken cancellationToken)
    {
        var length = 0;
        var headEnd = -1;
        while (headEnd < 0)
        {
            var from = Math.Max(0, length - 3);
            length += await ReadAsync(socket, length, cancellationToken);
            headEnd = _buffer.AsSpan(from, length - from).IndexOf("\r\n\r\n"u8) is var found && found >= 0 ? from + found + 4 : -1;
        }

        var head = Head.Parse(_buffer.AsSpan(0, headEnd));
        if (!head.Chunked)
        {
            while (length < headEnd + head.ContentLength)
            {
                length += await ReadAsync(socket, length, cancellationToken);
            }

            return Answer(head, headEnd, head.ContentLength);
        }

        // The chunks are pushed together where they are.
        var (read, written) = (headEnd, headEnd);
        while (true)
        {
            int lineEnd;
            while ((lineEnd = _buffer.AsSpan(read, length - read).IndexOf("\r\n"u8)) < 0)
            {
                length += await ReadAsync(socket, length, cancellationToken);
            }

            if (!Utf8Parser.TryParse(_buffer.AsSpan(read, lineEnd), out int size, out _, 'x'))
            {
                throw new InvalidDataException("a chunk without a size");
            }

            read += lineEnd + 2;
            while (length < read + size + 2)
            {
                length += await ReadAsync(socket, length, cancellationToken);
            }

            if (size == 0)
            {
                return Answer(head, headEnd, written - headEnd);
            }

            _buffer.AsSpan(read, size).CopyTo(_buffer.AsSpan(written));
            written += size;
            read += size + 2;
        }
    }

    private HttpAnswer Answer(Head head, int start, int length)
    {
        if (head.Closes)
        {
            Dispose();
        }

        return new HttpAnswer(head.Status, _buffer.AsMemory(start, length));
    }

    private async ValueTask<int> ReadAsync(Socket socket, int length, CancellationToken cancellationToken)
    {
        if (length == _buffer.Length)
        {
            Array.Resize(ref _buffer, length < MaxAnswer ? length * 2 : throw new InvalidDataException("an answer of more than a megabyte"));
        }

        var read = await socket.ReceiveAsync(_buffer.AsMemory(length), cancellationToken);
        return read > 0 ? read : throw new SocketException((int)SocketError.ConnectionReset);
    }

    private readonly record struct Head(int Status, int ContentLength, bool Chunked, bool Closes)
    {
        public static Head Parse(ReadOnlySpan<byte> head)
        {
            if (!head.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(head[9..], out int status, out _))
            {
                throw new InvalidDataException($"not an HTTP answer: {Encoding.Latin1.GetString(head[..Math.Min(head.Length, 40)])}");
            }

            return new Head(
                status,
                ValueOf(head, "\r\nContent-Length: "u8) is { Length: > 0 } length && Utf8Parser.TryParse(length, out int bytes, out _) ? bytes : 0,
                ValueOf(head, "\r\nTransfer-Encoding: "u8).StartsWith("chunked"u8),
                ValueOf(head, "\r\nConnection: "u8).StartsWith("close"u8));
        }

        // As Kestrel, nginx and HAProxy write the names; HAProxy writes small letters.
        private static ReadOnlySpan<byte> ValueOf(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name)
        {
            Span<byte> small = stackalloc byte[name.Length];
            for (var i = 0; i < name.Length; i++)
            {
                small[i] = name[i] is >= (byte)'A' and <= (byte)'Z' ? (byte)(name[i] | 0x20) : name[i];
            }

            var found = head.IndexOf(name) is var exact && exact >= 0 ? exact : head.IndexOf(small);
            return found < 0 ? default : head[(found + name.Length)..];
        }
    }
}

/// <param name="Body">Good until the next request of the same caller.</param>
internal readonly record struct HttpAnswer(int Status, ReadOnlyMemory<byte> Body);
