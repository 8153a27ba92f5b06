using Arena.HostApi;

namespace OwnGame;

/// <summary>
/// A program with a game of its own and everything that the program <c>arena</c> has:
/// <c>dotnet run -c Release --project samples/OwnGame -- train tag</c>. The word <c>demo</c> runs <see cref="Demo"/> instead.
/// </summary>
public static class Program
{
    /// <summary>Entry point.</summary>
    public static int Main(string[] args)
    {
        if (args is not ["demo"]) return ArenaProgram.Run<TagGame>(args);
        Demo.Run(Console.Out);
        return 0;
    }
}
