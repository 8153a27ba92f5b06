namespace Arena.HostApi.Cli;

/// <summary>Where a command writes, and what that place can show.</summary>
public sealed class Terminal
{
    /// <summary>Columns used where the output is no terminal.</summary>
    public const int PlainWidth = 100;

    /// <summary>Results.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Errors and progress.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Is <see cref="Output"/> a terminal? Otherwise nothing is redrawn and no escape code is written.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>Is <see cref="Error"/> a terminal?</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>May <see cref="Output"/> be coloured?</summary>
    public bool Color { get; init; }

    /// <summary>Columns.</summary>
    public int Width { get; init; } = PlainWidth;

    /// <summary>Rows.</summary>
    public int Height { get; init; } = 40;

    /// <summary>Plain text, for files, pipes and tests.</summary>
    public static Terminal Plain(TextWriter output, TextWriter error) => new() { Output = output, Error = error };

    /// <summary>This process's console. NO_COLOR (any value, https://no-color.org) turns colours off; so does TERM=dumb.</summary>
    public static Terminal OfConsole()
    {
        bool dumb = Environment.GetEnvironmentVariable("TERM") == "dumb";
        bool terminal = !Console.IsOutputRedirected && !dumb;
        return new Terminal
        {
            Output = Console.Out,
            Error = Console.Error,
            IsTerminal = terminal,
            ErrorIsTerminal = !Console.IsErrorRedirected && !dumb,
            Color = terminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
            Width = terminal ? Size(() => Console.WindowWidth, PlainWidth) : Columns(),
            Height = terminal ? Size(() => Console.WindowHeight, 40) : 40,
        };
    }

    /// <summary>Writes a warning to the error stream, if there is one.</summary>
    internal void Warn(string? warning)
    {
        if (warning is not null) Error.WriteLine($"WARNING: {warning}");
    }

    // COLUMNS, as other tools read it: for files and pipes, which have no width of their own.
    private static int Columns() =>
        int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), out int columns) && columns >= 20 ? columns : PlainWidth;

    // Some consoles have no size (0, or an exception where there is no terminal behind the handle).
    private static int Size(Func<int> read, int otherwise)
    {
        try
        {
            int size = read();
            return size > 0 ? size : otherwise;
        }
        catch (IOException)
        {
            return otherwise;
        }
    }
}
