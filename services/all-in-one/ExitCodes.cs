namespace Shop.AllInOne;

/// <summary>Why the process ended before or while it ran; 0 is a clean stop, 1 a wrong command line.</summary>
internal static class ExitCodes
{
    public const int Configuration = 2;
    public const int Port = 3;
    public const int DataDirectory = 4;
    public const int Database = 5;
}
