namespace Shop.BuildingBlocks.Redis;

/// <summary>Redis is away, does not answer in time, or cannot work at the moment.</summary>
/// <remarks>It does not say that nothing happened: a change whose answer did not come may have been made, or be made yet.</remarks>
public sealed class RedisUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);
