namespace Arena.Kernels.Environments.Creature;

/// <summary>Turns what the option 'skeleton' says into a skeleton: a built-in name, the code of a generated one, or the text of a file.</summary>
public static class Skeletons
{
    // Options are checked and described many times; a skeleton is read once. The generator's drafts never come here.
    private const int MostKept = 64;

    private static readonly Remembered<string, SkeletonFile> Known = new(MostKept);
    private static readonly Remembered<string, CreatureTables> Tables = new(MostKept);

    /// <summary>The skeleton that <paramref name="value"/> names or is.</summary>
    /// <exception cref="UsageException">neither a name, nor a code, nor a skeleton's text.</exception>
    public static SkeletonFile Find(string value) => Known.Get(value, static given => Make(given.Trim()));

    /// <summary>The same, compiled.</summary>
    /// <exception cref="UsageException">as <see cref="Find"/>.</exception>
    public static CreatureTables Compiled(string value) => Tables.Get(value, static given => SkeletonCompiler.Compile(Find(given)));

    private static SkeletonFile Make(string value)
    {
        if (value.StartsWith('{')) return SkeletonReader.Read(value, "skeleton");
        if (value.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            throw new UsageException($"--skeleton is the path '{value}', whose text was not read; the command line does that, a program calls options.WithFiles(File.ReadAllText).");
        if (value.StartsWith(SkeletonGenerator.Prefix, StringComparison.Ordinal)) return SkeletonGenerator.FromCode(value);
        return BuiltinSkeletons.Find(value) ?? throw new UsageException(
            $"--skeleton is '{value}'.{Nearest.Hint(value, BuiltinSkeletons.Names)} Allowed are {string.Join(", ", BuiltinSkeletons.Names)}, a code such as {SkeletonGenerator.Prefix}legs=6,segments=2,plan=pairs,seed=7, the path of a file that ends in .json, or its text.");
    }
}
