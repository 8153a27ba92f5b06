namespace Arena.Kernels.Environments;

/// <summary>Options every game has; a game derives its own record from it.</summary>
public abstract record GameOptions
{
    /// <summary>E: matches that run side by side.</summary>
    [Setting("Matches that run side by side.", Unit = "matches", Min = 1, Max = 1 << 24, Option = "envs")]
    public int NumEnvs { get; init; } = 256;

    /// <summary>
    /// Global number of the first match. Random draws use global numbers, so match 37 of a large batch can be replayed
    /// alone, and several machines can share one run.
    /// </summary>
    [Setting("Global number of the first match.", Min = 0, Max = int.MaxValue)]
    public int MatchOffset { get; init; }

    /// <summary>
    /// Cuts the first episode of match m at max(1, limit·(1 + m mod 16)/16) ticks, so that the matches of a training batch do
    /// not all end in the same update.
    /// </summary>
    [Setting("Cut the first episodes at different lengths, so that matches do not end together.")]
    public bool Desync { get; init; }

    /// <summary>Observations a row shows: the present one and those of the ticks before, zero before its episode.</summary>
    [Setting("Observations in a row, the present one first; earlier ones are zero at the start of an episode.", Min = 1, Max = 8)]
    public int FrameStack { get; init; } = 1;

    /// <summary>Own actions a row shows, the last one first, zero before its episode.</summary>
    [Setting("Own last actions in a row; zero at the start of an episode.", Min = 0, Max = 7)]
    public int ActionStack { get; init; }

    /// <summary>
    /// The same options with the text of files in the place of their paths, so that options alone say what is played: checkpoints and
    /// replays then carry it. Called by whoever took the options from a person, with a function that reads a text.
    /// </summary>
    /// <param name="readText">Text of the file at a path.</param>
    /// <exception cref="UsageException">the text is not what the option takes: names the file.</exception>
    public virtual GameOptions WithFiles(Func<string, string> readText) => this;

    /// <summary>What is allowed but will hardly do what was meant; commands print it before they begin.</summary>
    public virtual IReadOnlyList<string> Warnings() => [];

    /// <summary>Checks ranges and combinations.</summary>
    /// <exception cref="UsageException">the first thing wrong: what, value, allowed, what to do.</exception>
    public virtual void Validate() => Settings.Check(this);
}
