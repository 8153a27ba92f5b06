using System.Reflection;

namespace Arena.HostApi.Training;

/// <summary>The commit of a checked-out repository, read from its files: no program is started.</summary>
public static class GitCommit
{
    private const string RefPrefix = "ref: ";
    private const string FolderPrefix = "gitdir: ";

    /// <summary>The commit this program was built from, which the SDK writes into it; null where it was built outside a repository. A change that was not committed does not show.</summary>
    public static string? OfBuild { get; } =
        typeof(GitCommit).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+') is [_, var commit] ? Hash(commit) : null;

    /// <summary>The commit that is checked out in the repository around <paramref name="folder"/>; null where there is none to be read.</summary>
    public static string? Find(string folder)
    {
        try
        {
            for (DirectoryInfo? at = new(folder); at is not null; at = at.Parent)
            {
                string path = Path.Combine(at.FullName, ".git");
                if (Directory.Exists(path)) return Head(path);
                if (!File.Exists(path)) continue;
                // A linked work tree: the file names the folder.
                string text = File.ReadAllText(path).Trim();
                return text.StartsWith(FolderPrefix, StringComparison.Ordinal) ? Head(Path.GetFullPath(text[FolderPrefix.Length..], at.FullName)) : null;
            }
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            // Good to know, not needed: a run is worth having without it.
        }

        return null;
    }

    private static string? Head(string folder)
    {
        string head = File.ReadAllText(Path.Combine(folder, "HEAD")).Trim();
        if (!head.StartsWith(RefPrefix, StringComparison.Ordinal)) return Hash(head);
        string name = head[RefPrefix.Length..];
        string common = Path.Combine(folder, "commondir");
        string shared = File.Exists(common) ? Path.GetFullPath(File.ReadAllText(common).Trim(), folder) : folder;
        foreach (string place in new[] { folder, shared })
            if (File.Exists(Path.Combine(place, name))) return Hash(File.ReadAllText(Path.Combine(place, name)).Trim());
        string packed = Path.Combine(shared, "packed-refs");
        if (!File.Exists(packed)) return null;
        return File.ReadLines(packed).Select(line => line.Split(' ')).Where(parts => parts.Length == 2 && parts[1] == name).Select(parts => Hash(parts[0])).FirstOrDefault();
    }

    private static string? Hash(string text) => text.Length >= 40 && text.All(char.IsAsciiHexDigit) ? text : null;
}
