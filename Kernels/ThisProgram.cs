namespace Arena.Kernels;

/// <summary>The program that messages speak of when they say what to type next.</summary>
public static class ThisProgram
{
    private const string SafeInPosix = "_@%+=:,./-";
    private const string SafeInWindows = @"_+=:./\-";

    /// <summary>Its name: "arena", or that of the program of one's own that has the same commands (<c>ArenaProgram.Run</c> in HostApi sets it).</summary>
    public static string Name { get; set; } = "arena";

    /// <summary>A command line that can be pasted into a shell of this machine: the name, and <paramref name="words"/> with quotation marks where they need them.</summary>
    /// <param name="words">Words as the program shall receive them: <c>Command("train", "--resume", path)</c>.</param>
    public static string Command(params IEnumerable<string> words) => string.Join(' ', words.Prepend(Name).Select(Quote));

    /// <summary><paramref name="word"/> as a shell of this machine takes it for one word.</summary>
    public static string Quote(string word) => Quote(word, OperatingSystem.IsWindows());

    /// <summary>
    /// <paramref name="word"/> as one word for a POSIX shell (apostrophes, inside which nothing has a meaning), or for the shells of Windows (quotation
    /// marks, before which a backslash is doubled). A word of letters, digits and harmless signs stays as it is.
    /// </summary>
    public static string Quote(string word, bool windows)
    {
        string safe = windows ? SafeInWindows : SafeInPosix;
        if (word.Length > 0 && word.All(sign => char.IsLetterOrDigit(sign) || safe.Contains(sign, StringComparison.Ordinal))) return word;
        if (!windows) return $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
        int last = word.Length - word.TrimEnd('\\').Length;
        return $"\"{word}{new string('\\', last)}\"";
    }
}
