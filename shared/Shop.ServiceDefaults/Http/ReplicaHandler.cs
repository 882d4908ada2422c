using Microsoft.AspNetCore.Http;
using Polly.CircuitBreaker;
using Shop.BuildingBlocks.Discovery;

namespace Shop.ServiceDefaults;

/// <summary>Sends each request to a replica of the service, by weight, and to another one where no connection can be made.</summary>
/// <remarks>
/// A request that was sent is not sent again, unless it says that it may be: whether it had an effect is unknown, and only the caller knows if
/// it may be repeated.
/// </remarks>
internal sealed class ReplicaHandler : DelegatingHandler
{
    private readonly string _service;
    private readonly ServiceInstances _instances;
    private readonly InternalClientOptions _options;
    private readonly CallGuards? _guards;
    private readonly IHttpContextAccessor _requests;
    private readonly TimeProvider _clock;
    private readonly string? _zone;
    private uint _turn = uint.MaxValue;

    public ReplicaHandler(
        string service,
        ServiceInstances instances,
        InternalClientOptions options,
        CallGuards? guards,
        IHttpContextAccessor requests,
        TimeProvider clock,
        string? zone)
    {
        (_service, _instances, _options, _guards, _requests, _clock, _zone) = (service, instances, options, guards, requests, clock, zone);
        instances.Changed += Forget;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var unlimited = request.Headers.Remove(ShopHeaders.Deadline);
        if (_guards is null)
        {
            return await SendToReplicaAsync(request, deadline: null, mayRepeat: false, cancellationToken);
        }

        var inherited = _requests.HttpContext?.Features.Get<Deadline>();
        var deadline = unlimited ? null : Deadline.Earlier(new Deadline(_clock, _options.Timeout), inherited);
        var mayRepeat = !unlimited && request.IsIdempotent();
        return await _guards.CallAsync(mayRepeat, token => SendToReplicaAsync(request, deadline, mayRepeat, token), cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        _instances.Changed -= Forget;
        base.Dispose(disposing);
    }

    private async Task<HttpResponseMessage> SendToReplicaAsync(
        HttpRequestMessage request, Deadline? deadline, bool mayRepeat, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.PathAndQuery;
        var left = _instances.Of(_service).Instances.InZone(_zone).ToList();
        while (left.Count > 0)
        {
            var replica = WeightedChoice.Pick(left, instance => instance.Weight, Interlocked.Increment(ref _turn));
            left.Remove(replica);
            request.RequestUri = new Uri(replica.Uri, path);
            try
            {
                return await TryAsync(replica.InstanceId, request, deadline, mayRepeat, cancellationToken);
            }
            catch (HttpRequestException exception) when (exception.HttpRequestError is HttpRequestError.ConnectionError && left.Count > 0)
            {
            }
            catch (BrokenCircuitException exception)
            {
                if (left.Count == 0)
                {
                    throw new HttpRequestException(HttpRequestError.ConnectionError, $"Every replica of {_service} is left alone for now.", exception);
                }
            }
        }

        throw new HttpRequestException(HttpRequestError.ConnectionError, $"No replica of {_service} is known.");
    }

    private Task<HttpResponseMessage> TryAsync(
        string replica, HttpRequestMessage request, Deadline? deadline, bool mayRepeat, CancellationToken cancellationToken)
    {
        if (_guards is null || deadline is null)
        {
            return base.SendAsync(request, cancellationToken);
        }

        var remaining = deadline.Remaining;
        if (remaining < TimeSpan.FromMilliseconds(1))
        {
            // What HttpClient itself throws at its timeout, and unlike a replica that was too slow no reason to try again.
            var cause = new TimeoutException($"The time for a call to {_service} has passed; it was not sent.");
            throw new TaskCanceledException(cause.Message, cause);
        }

        var atMost = mayRepeat && _options.AttemptTimeout < remaining ? _options.AttemptTimeout : remaining;
        request.Headers.Remove(ShopHeaders.Deadline);
        request.Headers.Add(ShopHeaders.Deadline, new Deadline(_clock, atMost).ToString());
        return _guards.TryAsync(replica, atMost, token => base.SendAsync(request, token), cancellationToken);
    }

    private void Forget() => _guards?.Keep(_instances.Of(_service).Instances.Select(instance => instance.InstanceId));
}
