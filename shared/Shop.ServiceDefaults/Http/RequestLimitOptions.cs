using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Shop.ServiceDefaults;

/// <summary>What one connection and one request may cost before any code of the shop sees them.</summary>
/// <remarks>Per process: replicas do not share these limits.</remarks>
public sealed class RequestLimitOptions
{
    public const string Section = "RequestLimits";

    [Range(1, int.MaxValue)]
    public long MaxBodyBytes { get; set; } = 64 * 1024;

    [Range(1, int.MaxValue)]
    public int MaxHeaderBytes { get; set; } = 16 * 1024;

    [Range(1, 1000)]
    public int MaxHeaderCount { get; set; } = 64;

    [Range(1, int.MaxValue)]
    public int MaxRequestLineBytes { get; set; } = 4 * 1024;

    [Range(1, long.MaxValue)]
    public long MaxConnections { get; set; } = 20_000;

    /// <summary>How long the headers may take.</summary>
    public TimeSpan HeaderTimeout { get; set; } = TimeSpan.FromSeconds(10);

    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(120);

    /// <summary>A body that comes more slowly, after the grace period, is given up.</summary>
    [Range(1, int.MaxValue)]
    public double MinBodyBytesPerSecond { get; set; } = 240;

    public TimeSpan MinBodyRateGracePeriod { get; set; } = TimeSpan.FromSeconds(5);

    internal void ApplyTo(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
        kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        kestrel.Limits.MaxRequestHeaderCount = MaxHeaderCount;
        kestrel.Limits.MaxRequestLineSize = MaxRequestLineBytes;
        kestrel.Limits.MaxConcurrentConnections = MaxConnections;
        kestrel.Limits.RequestHeadersTimeout = HeaderTimeout;
        kestrel.Limits.KeepAliveTimeout = KeepAliveTimeout;
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(MinBodyBytesPerSecond, MinBodyRateGracePeriod);
    }
}
