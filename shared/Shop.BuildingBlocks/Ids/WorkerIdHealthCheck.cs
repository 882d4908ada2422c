using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Shop.BuildingBlocks.Ids;

/// <summary>Not ready while no ids can be made: whoever has a worker id serves instead.</summary>
internal sealed class WorkerIdHealthCheck(WorkerIdLease lease) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(lease.Obstacle is { } obstacle ? HealthCheckResult.Unhealthy(obstacle) : HealthCheckResult.Healthy());
}
