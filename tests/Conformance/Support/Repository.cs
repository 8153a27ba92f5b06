namespace Arena.Conformance.Support;

/// <summary>Files of this repository, found from where the tests were built.</summary>
public static class Repository
{
    /// <summary>The folder with the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A path inside the repository.</summary>
    public static string At(string path) => Path.GetFullPath(Path.Join(Root, path));

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Join(folder.FullName, "Gpu.sln"))) return folder.FullName;
        throw new DirectoryNotFoundException($"Gpu.sln is in no folder above {AppContext.BaseDirectory}");
    }
}
