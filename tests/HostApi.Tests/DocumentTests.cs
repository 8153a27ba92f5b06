using System.Text.RegularExpressions;

namespace Arena.HostApi.Tests;

/// <summary>What the pages of the repository point at is there, and the program of the README is the one that is compiled.</summary>
public sealed partial class DocumentTests
{
    private static readonly string[] NotOurs = ["bin", "obj", "node_modules", "runs", "sweeps", "BenchmarkDotNet.Artifacts"];

    private static string Root
    {
        get
        {
            string? folder = AppContext.BaseDirectory;
            while (folder is not null && !File.Exists(Path.Join(folder, "Gpu.sln"))) folder = Path.GetDirectoryName(folder);
            return folder ?? throw new DirectoryNotFoundException($"There is no Gpu.sln above {AppContext.BaseDirectory}.");
        }
    }

    [Fact]
    public void Every_link_and_image_of_every_page_leads_somewhere()
    {
        string[] pages = [.. Pages(Root)];
        Assert.Contains(Path.Join(Root, "README.md"), pages);
        Assert.Contains(Path.Join(Root, "docs", "training.md"), pages);
        int links = 0;
        string[] broken = [.. pages.SelectMany(page => Broken(page, File.ReadAllText(page), ref links).Select(link => $"{Path.GetRelativePath(Root, page)}: {link}"))];
        Assert.True(broken.Length == 0, string.Join('\n', broken));
        Assert.InRange(links, 100, int.MaxValue);
    }

    [Theory]
    [InlineData("[a](docs/training.md) ![b](docs/images/soccer-16.png) [c](docs/training.md#configuration-files) [d](#rooms) [e](https://example.org/none)", "")]
    [InlineData("[a](docs/gpu-notes.md)", "docs/gpu-notes.md")]
    [InlineData("![a](docs/images/none.png)", "docs/images/none.png")]
    [InlineData("<img src=\"docs/images/none.png\">", "docs/images/none.png")]
    [InlineData("[a][b]\n\n[b]: docs/none.md", "docs/none.md")]
    [InlineData("[a](docs/training.md#no-such-heading)", "docs/training.md#no-such-heading")]
    [InlineData("[a](#no-such-heading)", "#no-such-heading")]
    [InlineData("```\n[a](docs/none.md)\n```\n`[a](docs/none.md)`", "")]
    public void A_link_that_leads_nowhere_is_found(string text, string broken)
    {
        int links = 0;
        Assert.Equal(broken, string.Join(' ', Broken(Path.Join(Root, "README.md"), text + "\n\n## Rooms\n", ref links)));
    }

    [Fact]
    public void The_program_of_the_README_is_the_sample_that_is_compiled_and_run()
    {
        string readme = File.ReadAllText(Path.Join(Root, "README.md")), source = File.ReadAllText(Path.Join(Root, "tests", "HostApi.Tests", "VectorEnvSample.cs"));
        string program = readme[readme.IndexOf("```csharp", StringComparison.Ordinal)..].Split("```")[1]["csharp".Length..];
        string sample = source.Split("// The sample.")[1].Split("// End of the sample.")[0];
        Assert.Equal(Lines(sample), Lines(program).Where(line => !line.StartsWith("using Arena", StringComparison.Ordinal)));
        Assert.All(Lines(program).Where(line => line.StartsWith("using Arena", StringComparison.Ordinal)), line => Assert.Contains(line, source));
    }

    private static string[] Lines(string code) => [.. code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];

    private static IEnumerable<string> Pages(string folder) => Directory.EnumerateFiles(folder, "*.md").Concat(
        Directory.EnumerateDirectories(folder).Where(inner => Path.GetFileName(inner) is var name && name[0] != '.' && !NotOurs.Contains(name)).SelectMany(Pages));

    private static List<string> Broken(string page, string text, ref int links)
    {
        var broken = new List<string>();
        foreach (Match match in Links().Matches(InlineCode().Replace(WithoutCode(text), "")))
        {
            string link = match.Groups.Values.Skip(1).First(group => group.Success).Value;
            if (Elsewhere().IsMatch(link)) continue;
            links++;
            string[] parts = link.Split('#', 2);
            string target = parts[0].Length == 0 ? page : Path.GetFullPath(Path.Join(Path.GetDirectoryName(page), Uri.UnescapeDataString(parts[0])));
            bool there = Path.Exists(target);
            if (there && parts.Length == 2 && target.EndsWith(".md", StringComparison.Ordinal))
                there = Headings().Matches(WithoutCode(target == page ? text : File.ReadAllText(target))).Any(heading => Anchor(heading.Groups[1].Value) == parts[1]);
            if (!there) broken.Add(link);
        }

        return broken;
    }

    private static string WithoutCode(string text) => Code().Replace(text, "");

    // As GitHub makes them.
    private static string Anchor(string heading) => NotInAnchors().Replace(heading.Trim().ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex("""\]\(([^)\s]+)(?: "[^"]*")?\)|(?:src|href)="([^"]+)"|^\[[^\]]+\]:\s*(\S+)""", RegexOptions.Multiline)]
    private static partial Regex Links();

    [GeneratedRegex("^[a-z]+:")]
    private static partial Regex Elsewhere();

    [GeneratedRegex("```.*?```", RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex("`[^`\n]+`")]
    private static partial Regex InlineCode();

    [GeneratedRegex("^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Headings();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors();
}
