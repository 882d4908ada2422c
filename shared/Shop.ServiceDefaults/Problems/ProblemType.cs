namespace Shop.ServiceDefaults;

/// <summary>One kind of refusal: its slug is the code that clients switch on, its description the text of its page.</summary>
/// <remarks>It says nothing of one occurrence; that is the <c>detail</c> of a response.</remarks>
public sealed record ProblemType(string Slug, string Title, int Status, string Description)
{
    public string Uri => $"/problems/{Slug}";
}
