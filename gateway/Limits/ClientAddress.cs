using System.Net;
using System.Net.Sockets;

namespace Shop.Gateway.Limits;

internal static class ClientAddress
{
    private const int Ipv6SiteBytes = 8;

    /// <summary>Where the connection comes from, whatever the headers say. Of IPv6 the /64: one customer has 2^64 addresses.</summary>
    public static string Of(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        return address.AddressFamily is AddressFamily.InterNetworkV6
            ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, Ipv6SiteBytes))
            : address.ToString();
    }
}
