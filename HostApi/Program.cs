namespace Arena.HostApi;

/// <summary>The program <c>arena</c>: the built-in games.</summary>
internal static class Program
{
    private static int Main(string[] args) => ArenaProgram.Run(args);
}
