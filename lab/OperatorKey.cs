namespace Shop.Lab;

/// <summary>The key of whoever operates the shop, from the file that the shop wrote it to.</summary>
internal static class OperatorKey
{
    private const string Header = "Shop-Operator-Key";

    /// <exception cref="IOException">The file cannot be read, or holds something else.</exception>
    public static async Task AddOperatorKeyAsync(this HttpClient http, FileInfo file, CancellationToken cancellationToken)
    {
        var key = (await File.ReadAllTextAsync(file.FullName, cancellationToken)).Trim();
        if (key.Length == 0 || !key.All(char.IsAsciiLetterOrDigit))
        {
            throw new IOException($"'{file}' holds no operator key");
        }

        http.DefaultRequestHeaders.Add(Header, key);
    }
}
