using Microsoft.AspNetCore.Builder;

namespace Shop.ServiceDefaults;

/// <summary>Where an app adds middleware of its own inside the common pipeline, which <c>MapServiceDefaults</c> builds.</summary>
/// <remarks>Middleware added after <c>MapServiceDefaults</c> runs after authorization; these places are for what must come earlier.</remarks>
public sealed class PipelineOptions
{
    public Action<IApplicationBuilder>? BeforeRouting { get; set; }

    public Action<IApplicationBuilder>? BeforeAuthentication { get; set; }

    public Action<IApplicationBuilder>? BeforeAuthorization { get; set; }
}
