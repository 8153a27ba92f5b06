using Arena.HostApi;

namespace OwnGame;

/// <summary>
/// A program with a game of its own and everything that the program <c>arena</c> has:
/// <c>dotnet run -c Release --project samples/OwnGame -- train tag</c>. Two words of its own run <see cref="Demo"/> and <see cref="Learn"/> instead.
/// </summary>
public static class Program
{
    private const long AgentSteps = 500_000;

    /// <summary>Entry point.</summary>
    public static int Main(string[] args)
    {
        switch (args)
        {
            case ["demo"]:
                Demo.Run(Console.Out);
                return 0;
            case ["learn", string path]:
                Learn.Run(path, AgentSteps, Console.Out);
                return 0;
            default:
                return ArenaProgram.Run<TagGame>(args);
        }
    }
}
