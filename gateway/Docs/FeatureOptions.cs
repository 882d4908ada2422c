namespace Shop.Gateway.Docs;

/// <summary>What can be turned on and off while the gateway runs.</summary>
internal sealed class FeatureOptions
{
    public const string Section = "Features";

    /// <summary>The API document and its UI. The pages of the problems stay: answers link to them.</summary>
    public bool Docs { get; set; } = true;
}
