using System.Reflection;

namespace Arena.HostApi.Viewer;

/// <summary>The page's files, embedded in the program; nothing else can be asked for.</summary>
internal static class PageFiles
{
    internal const string Json = "application/json; charset=utf-8";
    private const string Prefix = "Viewer.";

    private static readonly Dictionary<string, (string Type, byte[] Bytes)> Files = Load();

    /// <summary>The file at a path as in "/viewer.js", or null.</summary>
    internal static (string Type, byte[] Bytes)? Find(string path) => Files.TryGetValue(path, out var file) ? file : null;

    /// <summary>The text of a file of the page.</summary>
    internal static string Text(string path) => System.Text.Encoding.UTF8.GetString(Files[path].Bytes);

    private static Dictionary<string, (string Type, byte[] Bytes)> Load()
    {
        var files = new Dictionary<string, (string, byte[])>(StringComparer.Ordinal);
        Assembly assembly = typeof(PageFiles).Assembly;
        foreach (string resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using Stream stream = assembly.GetManifestResourceStream(resource)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            string name = resource[Prefix.Length..];
            files[name == "index.html" ? "/" : "/" + name] = (TypeOf(name), bytes);
        }

        return files;
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => throw new InvalidOperationException($"The page has a file '{name}' of a kind the server does not know."),
    };
}
