using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace Shop.ServiceDefaults;

/// <summary>Takes settings from the files of a directory, one file for each, as container platforms hand out secrets: the file's name is the key,
/// with <c>__</c> for the colon.</summary>
/// <remarks>In a file a secret is not seen by whoever may list a container's environment. A directory that is configured and missing ends the start.</remarks>
internal static class SecretFiles
{
    public const string DirectoryKey = "Secrets:Directory";

    public static void AddSecretFiles(this WebApplicationBuilder builder)
    {
        if (builder.Configuration[DirectoryKey] is { Length: > 0 } directory)
        {
            builder.Configuration.AddKeyPerFile(directory, optional: false);
        }
    }
}
